import type { DeferredByBundle } from '../run/activity-inputs.ts';
import { deferralMs } from '../run/backoff.ts';
import { HOUR, SECOND } from '../run/time-units.ts';
import type { QuotaWait } from '../run/workflow-inputs.ts';

/** The longest wait, in waits of the user's setting: an hour grows to a day. */
const MOST_TIMES_BASE = 24;
/** A part of a wait by which it may be longer (or, at its bound, shorter), so that not all come at the same moment. */
const JITTER = 0.2;
/** Doubled more often, a second is more than any bound. */
const MOST_DOUBLINGS = 30;
/** More refusals in a row are told as so many. */
const MOST_REFUSALS = 100_000;

/**
 * The wait after one refusal more. Each is twice as long as the one before, up to 24 times the user's setting; what the
 * source asked for (`Retry-After`) is kept, and grows too: a short one that comes again and again is no pace to ask at.
 *
 * @param now the workflow's clock (ms since the epoch): a worker says how long, never when, since its clock may be years off
 * @param random 0 to 1
 */
export function refusedAgain(
  before: QuotaWait | undefined,
  { reason, waitMs, firstMs, baseMs }: Omit<DeferredByBundle, 'ids'>,
  now: number,
  random: number,
): QuotaWait {
  const times = Math.min(MOST_REFUSALS, (before?.times ?? 0) + 1);
  const first = deferralMs(firstMs, SECOND);
  const most = deferralMs(MOST_TIMES_BASE * baseMs, 24 * HOUR);
  const doubled = first * 2 ** Math.min(MOST_DOUBLINGS, times - 1);
  const jitter = JITTER * random;
  const whole = Math.max(first, Math.min(doubled * (1 + jitter), most * (1 - jitter)));
  // The rest of its bundle may have taken a while since the refusal came.
  const gone = Math.min(first, Math.max(0, first - (Number.isFinite(waitMs) ? waitMs : first)));
  return {
    reason,
    until: now + Math.round(deferralMs(whole - gone, SECOND)),
    since: Math.min(now, before?.since ?? now - gone),
    times,
  };
}

/** As it may be, whoever carried it here: no longer than a day from now, and not begun later than that. */
export function boundedWait<Wait extends QuotaWait>(wait: Wait, now: number): Wait {
  return {
    ...wait,
    until: Math.min(wait.until, now + 24 * HOUR),
    since: Math.min(wait.since, now),
    times: Math.min(wait.times, MOST_REFUSALS),
  };
}

/** As of now none of them waits any more; undefined where none did. */
export function withWaitsEnded<Wait extends QuotaWait>(
  waits: readonly Wait[],
  now: number,
): readonly Wait[] | undefined {
  if (!waits.some(({ until }) => until > now)) return undefined;
  return waits.map((wait) => ({ ...wait, until: Math.min(wait.until, now) }));
}

/** What to say of it to people. */
export function toldOf(what: string, { reason, until, since, times }: QuotaWait) {
  return { what, reason, until: isoOf(until), since: isoOf(since), times };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
