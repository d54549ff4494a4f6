import type { NotedWait } from './noted-wait.ts';
import { printable } from './printable.ts';
import type { sourceReasons } from './reasons.ts';
import type { GateKey } from './source-gate.ts';

export type SourceFailureReason = keyof typeof sourceReasons;

/** Why a source did not give a file, as data. */
export interface SourceFailure {
  readonly reason: SourceFailureReason;
  /** One line for people: what was asked, what came. Never holds credentials or cookies; at most 300 characters. */
  readonly detail: string;
  /** When the source itself named a wait (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number;
  /** The host that it is a failure of, where it is not the file's alone. */
  readonly host?: string;
  /** Of a page of no known kind: a sketch of it that holds nothing but structure and everyday words. */
  readonly sketch?: string;
  /** The gate that it closed, or that was closed before anything was asked: who waits, waits for that. */
  readonly gate?: GateKey;
  /** Others were asked for at the same time, which was too much: it may have its turn again as soon as fewer are. */
  readonly isCrowded?: boolean;
  /** Whoever refused names a time for which others are asked instead, and none has it: the file waits so long, alone. */
  readonly isPutAside?: true;
}

/** The only maker: part of a detail was said by strangers, so it becomes one printable line of at most 300 characters. */
export function sourceFailure(
  reason: SourceFailureReason,
  detail: string,
  retryAfterMs?: number,
): SourceFailure {
  return { reason, detail: printable(detail, 300), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Why a host may ask not to be asked for a while. */
export type RestReason = Extract<SourceFailureReason, 'blocked' | 'rate-limited' | 'daily-limit'>;

export function isRestReason(reason: string): reason is RestReason {
  return reason === 'blocked' || reason === 'rate-limited' || reason === 'daily-limit';
}

/** A host asked not to be asked for a while, and said why. */
export interface HostRest extends NotedWait {
  readonly reason: RestReason;
  readonly detail: string;
}
