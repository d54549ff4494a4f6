import {
  countRecord,
  emptyStats,
  type StatsCounts,
  type StatsRecord,
  statsText,
} from '../../domain/words/stats.ts';
import type { Display } from '../../terminal/display.ts';

export async function countsOf(records: AsyncIterable<StatsRecord>): Promise<StatsCounts> {
  const counts = emptyStats();
  for await (const record of records) countRecord(counts, record);
  return counts;
}

/** The reference's `--stats`: its tables, character for character. */
export function sayStats(counts: StatsCounts, display: Display): void {
  const { category, license, country } = counts;
  display.say(
    {
      event: 'stats',
      category: Object.fromEntries(category),
      license: Object.fromEntries(license),
      country: Object.fromEntries(country),
    },
    // The display ends every line with a line feed of its own; inside of cells there is none.
    statsText(counts).replace(/\n$/, '').split('\n'),
  );
}
