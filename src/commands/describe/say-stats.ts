import {
  countRecord,
  emptyStats,
  type StatsCounts,
  type StatsRecord,
  statsText,
} from '../../domain/words/stats.ts';
import type { Display, DisplayEvent } from '../../terminal/display.ts';

export async function countsOf(records: AsyncIterable<StatsRecord>): Promise<StatsCounts> {
  const counts = emptyStats();
  for await (const record of records) countRecord(counts, record);
  return counts;
}

export function statsEvent({ category, license, country }: StatsCounts): DisplayEvent {
  return {
    event: 'stats',
    category: Object.fromEntries(category),
    license: Object.fromEntries(license),
    country: Object.fromEntries(country),
  };
}

/** The reference's `--stats`: its tables, character for character. */
export function sayStats(counts: StatsCounts, display: Display): void {
  // The display ends every line with a line feed of its own; inside of cells there is none.
  display.say(statsEvent(counts), statsText(counts).replace(/\n$/, '').split('\n'));
}
