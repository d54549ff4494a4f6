import type { Wait } from '../run/progress.ts';
import { formatCount, formatTime } from './format.ts';

/** `refused 3 times since 2026-01-01 12:00:00 UTC`, of a gate `since ...`; undefined for waits without a past. */
export function refusedSince({ since, times }: Wait): string | undefined {
  if (since === undefined) return undefined;
  const begun = `since ${formatTime(since)}`;
  if (times === undefined) return begun;
  return times === 1 ? `refused ${begun}` : `refused ${formatCount(times)} times ${begun}`;
}
