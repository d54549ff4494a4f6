import type { NotedWait } from '../domain/failure/noted-wait.ts';
import { type FailureReason, isFailureReason } from '../domain/failure/reasons.ts';
import { type HostRest, isRestReason } from '../domain/failure/source-failure.ts';
import type { ActivityProgress } from '../domain/run/progress.ts';

export type SettledOutcome =
  | { readonly status: 'failed'; readonly reason: FailureReason }
  | (NotedWait & { readonly status: 'deferred'; readonly reason: string });

/** Heartbeat details: what people read, and what the next attempt must know. */
export interface HeartbeatDetails extends ActivityProgress {
  readonly settled: Readonly<Record<string, SettledOutcome>>;
  /** Since when (ms since the epoch) an attempt after the other could not begin with these files. */
  readonly waitsSince?: Readonly<Record<string, number>>;
  /** Hosts that asked for a rest: the next attempt may be another worker's. */
  readonly rests?: Readonly<Record<string, HostRest>>;
  /** The last attempts that ended by the same error that nobody foresaw. */
  readonly surprises?: Surprises;
}

export interface Surprises {
  readonly name: string;
  readonly times: number;
}

/**
 * What an attempt before this one left. Nobody signs it, so that whoever reaches the server may have written it: what is not
 * as this program writes it is as if it were not there.
 */
export function readDetails(details: unknown) {
  const { attempts, settled, waitsSince, rests, surprises } = membersOf(details);
  return {
    attempts: right(attempts, isCount),
    settled: right(settled, isSettled),
    waitsSince: right(waitsSince, isTime),
    rests: right(rests, isRest),
    surprises: isSurprises(surprises) ? surprises : undefined,
  };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function right<Member>(
  value: unknown,
  isRight: (member: unknown) => member is Member,
): Record<string, Member> {
  const known = Object.entries(membersOf(value)).filter((member): member is [string, Member] =>
    isRight(member[1]),
  );
  return Object.fromEntries(known);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

function isWait(value: unknown): value is NotedWait {
  const { until, waitMs } = membersOf(value);
  return isTime(until) && (waitMs === undefined || isTime(waitMs));
}

function isSettled(value: unknown): value is SettledOutcome {
  const { status, reason } = membersOf(value);
  if (typeof reason !== 'string') return false;
  return status === 'failed' ? isFailureReason(reason) : status === 'deferred' && isWait(value);
}

function isRest(value: unknown): value is HostRest {
  const { reason, detail } = membersOf(value);
  return isWait(value) && typeof reason === 'string' && isRestReason(reason) && typeof detail === 'string';
}

function isSurprises(value: unknown): value is Surprises {
  const { name, times } = membersOf(value);
  return typeof name === 'string' && isCount(times);
}
