import type { FileKind } from '../domain/kinds.ts';
import { sumOfTallies, type Tally, type WaitingSource } from '../domain/run/progress.ts';
import { formatFiles, formatTime, oneLine } from '../domain/words/format.ts';
import { withBytes } from '../domain/words/tally.ts';
import type { PendingActivity } from '../runs/run-snapshot.ts';

/** One of the sources that a run's files come of. */
export interface GivingSource {
  readonly source: string;
  readonly files: number;
  readonly bytes: number;
  /** It is behind a closed gate, or rests. */
  readonly waits?: Omit<WaitingSource, 'source'>;
}

/** What comes by URLs of its own, whatever the run's source is. */
const byNamedUrls: readonly FileKind[] = ['json', 'licenses'];

/** What each source gave so far, the most files first; none where a single one gives all and is asked. */
export function givingSources(
  tallies: Readonly<Partial<Record<FileKind, Tally>>>,
  activities: readonly PendingActivity[],
): readonly GivingSource[] {
  const counted = Object.entries(tallies).filter(([kind]) => !byNamedUrls.some((named) => named === kind));
  const { sources = {} } = sumOfTallies(counted.map(([, tally]) => tally));
  const found = new Map<string, GivingSource>(
    Object.entries(sources)
      .filter(([, { files }]) => files > 0)
      .map(([source, given]) => [source, { source, ...given }]),
  );
  const waiting = activities.flatMap(({ heartbeat }) => heartbeat?.waiting ?? []);
  for (const { source, ...waits } of waiting) {
    const known = found.get(source) ?? { source, files: 0, bytes: 0 };
    // Of several workers the one that waits longest.
    if ((known.waits?.until ?? 0) <= (waits.until ?? 0)) found.set(source, { ...known, waits });
  }
  if (found.size < 2 && waiting.length === 0) return [];
  return [...found.values()].sort((one, other) => other.files - one.files);
}

/** A line for each: `from mirror.example: 3 files, 1.2 MiB; blocked, asked again 2026-01-01 12:00:00 UTC`. */
export function givingLine({ source, files, bytes, waits }: GivingSource): string {
  const given = files === 0 ? 'nothing yet' : withBytes(formatFiles(files), bytes);
  return `from ${oneLine(source, 80)}: ${given}${waits === undefined ? '' : `; ${waitText(waits)}`}`;
}

/** Whoever reaches the server may have said it: a time may be none. */
function waitText({ reason, until }: NonNullable<GivingSource['waits']>): string {
  const time = new Date(until ?? Number.NaN);
  const when = Number.isNaN(time.getTime()) ? '' : `, asked again ${formatTime(time.toISOString())}`;
  return `${oneLine(reason, 80)}${when}`;
}
