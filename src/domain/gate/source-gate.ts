import type { FileSpec } from '../dataset/file-spec.ts';
import type { GateKey, GateReason } from '../failure/source-gate.ts';
import type { SourceRequest } from '../run/request.ts';
import type { GateWaits } from './gate-waits.ts';

/** Workflow Type of a gate. */
export const GATE_TYPE = 'sourceGate';

/**
 * Workflow Id of a gate: one for a source and a Task Queue, for another version's queue may have no worker; and for a signing
 * key, for workers of another one could neither believe it nor move it.
 *
 * @param fingerprint names the key, and tells nothing of it
 */
export function gateIdOf(taskQueue: string, gate: GateKey, fingerprint: string): string {
  return `${taskQueue}/gate/${gate}/${fingerprint}`;
}

/** What a probe asks for: the beginning of one file. Holds no secret (`publicUrlOf`); the worker that probes has those. */
export interface Probe {
  /** Absent: the file's URL was named by the user. */
  readonly source?: SourceRequest;
  readonly allowedHosts: readonly string[];
  readonly file: Pick<FileSpec, 'kind' | 'key' | 'path' | 'url' | 'size'>;
}

/** A source refused, and not the file alone. */
export interface Refusal {
  readonly reason: GateReason;
  /** One line for people. */
  readonly detail: string;
  /** When the source itself named a wait. */
  readonly retryAfterMs?: number;
  readonly probe: Probe;
}

/** What a gate is started with. */
export interface SourceGateInput {
  readonly gate: GateKey;
  readonly waits: GateWaits;
  /** The refusal that it is started for. */
  readonly refusal: Refusal;
  /** Set by Continue-As-New only. */
  readonly state?: GateState;
}

/** What a gate carries over Continue-As-New. Times are milliseconds since the epoch, by the server's clock. */
export interface GateState {
  readonly refusal: Refusal;
  /** Refusals in a row before that one. */
  readonly times: number;
  /** How long it was closed the last time. */
  readonly closedMs: number;
  readonly closed: Closed | undefined;
  /** Probes in a row that got no answer. */
  readonly unclear: number;
  readonly probedAt: number;
  /** Workflow Ids of those who wait. */
  readonly waiters: readonly string[];
  /** What is asked for by turns: the first of them next. */
  readonly probes: readonly Probe[];
}

interface Closed {
  readonly since: number;
  /** When it is probed. */
  readonly until: number;
}

/** What a closed gate says of itself, in its memo and to those who look. */
export interface GateNotice extends Closed {
  readonly reason: GateReason;
  readonly detail: string;
  /** Who waits and heard nothing looks so long (ms) after `until`. */
  readonly lookAgainMs: number;
}

/** Key of the memo, and what its value is signed as. */
export const GATE_MEMO = 'gate';

/** Names of the Signals that a gate takes from workers, signed. */
export const gateSignals = { refused: 'refused', waits: 'waitsAtGate' } as const;

/** Name of the Update by which a gate asks its source now. Anybody's, as `pause` is. */
export const PROBE_NOW = 'probeNow';

/** Why a gate does not ask its source at once. */
export const hurryRefusals = {
  open: 'the gate is open',
  asking: 'the source is being asked',
  asked: 'the source was asked a moment ago',
} as const;

/** What a Signal is signed as, so that none passes for another, or for an input. */
export function signalType(name: string): string {
  return `signal ${name}`;
}

/** What a probe brought: an answer of the source, whatever it was; its refusal; or none, for a reason that is not the source's. */
export type ProbeResult =
  | { readonly outcome: 'answered' | 'unclear' }
  | {
      readonly outcome: 'refused';
      readonly reason: GateReason;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

/** Of whoever waits at a gate and looks. */
export interface LookAtGateInput extends Omit<Waiter, 'probe'> {
  readonly gate: GateKey;
  /** A person wants the source to be asked now. */
  readonly hurry?: true;
}

/** What a gate is told of who waits there. */
export interface Waiter {
  /** Workflow Id of who is told when the gate moves. */
  readonly waiter: string;
  /** A file that came to the gate: it is asked for in its turn. */
  readonly probe?: Probe;
}

export interface LookAtGateResult {
  /** Absent: it is open. */
  readonly closed?: GateNotice;
  /** The hurry was taken: the source is being asked, or may be at once. */
  readonly hurried?: true;
}

export interface ProbeInput {
  /** Behind which it asks, and which its answer is of. */
  readonly gate: GateKey;
  readonly probe: Probe;
}

/** The gates, as far as a worker process reaches them: on the Temporal server. */
export interface GateServer {
  /** What the gate says of itself; undefined: it is open. Rejects where the server does not answer in time. */
  read(gate: GateKey): Promise<GateNotice | undefined>;
  /**
   * Closes it, and reads back: true where it says so itself, which outlives every process; false where what runs under its id
   * is no gate of this key, or does not hear. Rejects where the server does not answer in time.
   */
  refuse(gate: GateKey, refusal: Refusal): Promise<boolean>;
  /** Whoever waits is told when it moves, and the gate may ask for his file. */
  enlist(gate: GateKey, waiter: Waiter): Promise<void>;
  /** Has it ask the source now; false: it did a moment ago, or does not hear. */
  hurry(gate: GateKey): Promise<boolean>;
}
