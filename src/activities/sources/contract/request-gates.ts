import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { type GateKey, gateOf, gatesOf, isGateReason } from '../../../domain/failure/source-gate.ts';
import type { ShownSecrets } from '../../../domain/network/shown-secrets.ts';

/** What this process knows of gates (docs/decisions/sources/source-gates.md): asked before every request, told of every refusal. */
export interface RequestGates {
  /**
   * Why a host (of a URL) may not be asked now; undefined: it may. Never rejects, and waits for a moment at most.
   *
   * @param except the gate that whoever asks probes for: it does not hold
   */
  refusal(host: string, except?: GateKey): Promise<SourceFailure | undefined>;
  /**
   * A host answered so: where that closes a gate, this process asks nothing behind it from this moment on, and the answer is
   * the failure with its `gate`. Undefined: it closes none.
   */
  refused(host: string, failure: SourceFailure): SourceFailure | undefined;
}

/** Everything may be asked, and what it answers is said as it is. */
export const noGates: RequestGates = {
  refusal: async () => undefined,
  refused: () => undefined,
};

/** The same, which hears no word that holds a secret: what closes a gate is kept where everybody of the server reads it. */
export function gatesWithout(secrets: ShownSecrets, gates: RequestGates): RequestGates {
  return {
    refusal: (host, except) => gates.refusal(host, except),
    refused: (host, failure) => gates.refused(host, { ...failure, detail: secrets.hide(failure.detail) }),
  };
}

/** What a probe learns of the one gate that it asks for. */
export interface ProbeNotes {
  readonly gate: GateKey;
  /** Some host behind the gate answered, with whatever status. */
  isAnswered: boolean;
  /** The gate would have closed now. */
  isRefused: boolean;
}

/** For a probe, which asks behind its own closed gate: a refusal there is its result. All other gates hold, and hear of theirs. */
export function probingGates(gates: RequestGates, notes: ProbeNotes): RequestGates {
  return {
    refusal: (host) => gates.refusal(host, notes.gate),
    refused(host, failure) {
      const { reason } = failure;
      if (!isGateReason(reason) || gateOf(host, reason) !== notes.gate) return gates.refused(host, failure);
      notes.isRefused = true;
      return failure;
    },
  };
}

/** The probe was answered by this host (of a URL). */
export function noteAnswer(notes: ProbeNotes, host: string): void {
  notes.isAnswered ||= gatesOf(host).includes(notes.gate);
}
