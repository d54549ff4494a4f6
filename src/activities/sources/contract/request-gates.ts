import type { SourceFailure } from '../../../domain/failure/source-failure.ts';

/** What this process knows of gates (docs/decisions/source-gates.md): asked before every request, told of every refusal. */
export interface RequestGates {
  /** Why a host (of a URL) may not be asked now; undefined: it may. Never rejects, and waits for a moment at most. */
  refusal(host: string): Promise<SourceFailure | undefined>;
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

/** For a probe, which asks behind a closed gate: what it is refused by is its result. */
export const probingGates: RequestGates = {
  refusal: async () => undefined,
  refused: (_host, failure) => failure,
};
