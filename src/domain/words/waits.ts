import type { Wait } from '../run/progress.ts';
import { formatCount, formatTime } from './format.ts';

/** `refused 3 times since 2026-01-01 12:00:00 UTC`; undefined for waits without a past. */
export function refusedSince({ since, times }: Wait): string | undefined {
  if (since === undefined) return undefined;
  const count = times === undefined || times === 1 ? 'refused' : `refused ${formatCount(times)} times`;
  return `${count} since ${formatTime(since)}`;
}
