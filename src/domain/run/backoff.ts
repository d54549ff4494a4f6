import { HOUR, MINUTE, SECOND } from './time-units.ts';

/** Wait in milliseconds before a file with so many faults is tried again: 1, 2, 4, ... s, at most a minute. */
export function fileBackoffMs(faults: number): number {
  return Math.min(MINUTE, 2 ** Math.max(0, faults - 1) * SECOND);
}

/** How long (ms) a file under quota waits: what the source says, or what the user set, within a day. */
export function deferralMs(retryAfterMs: number | undefined, otherwiseMs: number): number {
  return Math.min(24 * HOUR, Math.max(SECOND, retryAfterMs ?? otherwiseMs));
}
