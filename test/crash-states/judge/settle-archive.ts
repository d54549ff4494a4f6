import type { LargeFileSpec } from '../../../src/domain/dataset/reference-files.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { attempts, StuckError } from './attempts.ts';
import type { Settled } from './settle-run.ts';
import type { AllActivities } from './worker-activities.ts';

/** As `fetchLargeFile` asks for an archive, in ranges of a small part of a GiB. */
const RANGE_BYTES = 40_000;

/** More Activities than the file has ranges, even when one of them starts over. */
const MOST_RANGES = 40;

/** What `fetchLargeFile` decides, without a server. */
export async function settleArchive(
  activities: AllActivities,
  context: RunContext,
  file: LargeFileSpec,
): Promise<Settled> {
  await attempts('claimStore', activities.claimStore, { ...context, takeOver: false });
  let size = 0;
  for (let nth = 0; nth < MOST_RANGES; nth++) {
    const end = Math.min(file.size, Math.floor(size / RANGE_BYTES) * RANGE_BYTES + RANGE_BYTES);
    const range = await attempts('fetchRange', activities.fetchRange, { ...context, file, end });
    if (range.tally.doneFiles + range.tally.failedFiles === 0) {
      size = range.size;
      continue;
    }
    await attempts('releaseStore', activities.releaseStore, context);
    return { status: 'complete', failures: range.tally.failures ?? emptyTally.failures };
  }
  throw new StuckError(`fetchRange: expected the end of ${file.size} bytes, got ${size}`);
}
