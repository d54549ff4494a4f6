import { HOUR, MINUTE, SECOND } from './time-units.ts';

/** Wait in milliseconds before a file with so many faults is tried again: 1, 2, 4, ... s, at most a minute. */
export function fileBackoffMs(faults: number): number {
  return Math.min(MINUTE, 2 ** Math.max(0, faults - 1) * SECOND);
}

/** How long (ms) a file under quota waits at first: what the source says, or what the user set, within a day. */
export function deferralMs(retryAfterMs: number | undefined, otherwiseMs: number): number {
  const asked = retryAfterMs ?? otherwiseMs;
  return Math.min(24 * HOUR, Math.max(SECOND, Number.isFinite(asked) ? asked : otherwiseMs));
}

/** Wait in milliseconds before originals are fetched again after so many folders in a row found the disk full. */
export function fullDiskWaitMs(vainTries: number): number {
  return vainTries === 0 ? 0 : Math.min(MINUTE, 10 * 2 ** (vainTries - 1) * SECOND);
}
