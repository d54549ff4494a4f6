import { join } from 'node:path';
import { readManifestRecords } from '../../activities/manifest/manifest-records.ts';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { countRecord, emptyStats, statsText } from '../../domain/words/stats.ts';
import type { Display } from '../../terminal/display.ts';

/** `--stats`: the tables of the manifest that lies in OUT. */
export async function printStats(out: string, display: Display, signal: AbortSignal): Promise<void> {
  const counts = emptyStats();
  for await (const { value } of readManifestRecords(join(out, MANIFEST_FILE), signal)) {
    const record = fieldsOf(value);
    const metadata = fieldsOf(record.metadata);
    countRecord(counts, {
      category: textOf(record.category),
      license: textOf(metadata.license),
      country: textOf(metadata.country),
    });
  }
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

function fieldsOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

/** Columns are as wide as their widest cell: one of a megabyte would be printed as often as there are rows. */
const MOST_TEXT = 500;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : '';
}
