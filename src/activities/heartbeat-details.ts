import type { NotedWait } from '../domain/failure/noted-wait.ts';
import { type FailureReason, isFailureReason } from '../domain/failure/reasons.ts';
import { type HostRest, isRestReason } from '../domain/failure/source-failure.ts';
import { membersOf } from '../domain/parsed-json.ts';
import type { ActivityProgress } from '../domain/run/progress.ts';

export type SettledOutcome =
  | { readonly status: 'failed'; readonly reason: FailureReason }
  | (NotedWait & { readonly status: 'deferred'; readonly reason: FailureReason });

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
 * as this program writes it is as if it were not there, and nothing beside it is sent on with the next heartbeat.
 */
export function readDetails(details: unknown) {
  const { attempts, settled, waitsSince, rests, surprises } = membersOf(details);
  return {
    attempts: table(attempts, count),
    settled: table(settled, settledOutcome),
    waitsSince: table(waitsSince, time),
    rests: table(rests, rest),
    surprises: surprisesOf(surprises),
  };
}

function table<Member>(
  value: unknown,
  read: (member: unknown) => Member | undefined,
): Record<string, Member> {
  const known = Object.entries(membersOf(value)).flatMap(([key, member]) => {
    const right = read(member);
    return right === undefined ? [] : [[key, right] as const];
  });
  return Object.fromEntries(known);
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function time(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}

function wait(value: unknown): NotedWait | undefined {
  const { until, waitMs } = membersOf(value);
  const [end, length] = [time(until), time(waitMs)];
  if (end === undefined || (waitMs !== undefined && length === undefined)) return undefined;
  return { until: end, ...(length === undefined ? {} : { waitMs: length }) };
}

function settledOutcome(value: unknown): SettledOutcome | undefined {
  const { status, reason } = membersOf(value);
  if (typeof reason !== 'string' || !isFailureReason(reason)) return undefined;
  if (status === 'failed') return { status, reason };
  const noted = wait(value);
  return status === 'deferred' && noted ? { status, reason, ...noted } : undefined;
}

function rest(value: unknown): HostRest | undefined {
  const { reason, detail } = membersOf(value);
  const noted = wait(value);
  const isRight = typeof reason === 'string' && isRestReason(reason) && typeof detail === 'string';
  return noted && isRight ? { ...noted, reason, detail } : undefined;
}

function surprisesOf(value: unknown): Surprises | undefined {
  const { name, times } = membersOf(value);
  const counted = count(times);
  return typeof name === 'string' && counted !== undefined ? { name, times: counted } : undefined;
}
