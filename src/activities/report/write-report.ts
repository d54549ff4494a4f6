import type { ReportInput, ReportResult } from '../../domain/run/activity-inputs.ts';
import type { RunStatus } from '../../domain/run/run.ts';
import { type ReportHead, reportedFailure } from '../../domain/words/report.ts';
import type { ActivityScope } from '../activity.ts';
import { excludedIds } from '../excluded/excluded-ids.ts';
import { keptPages } from '../records/kept-pages.ts';
import { findForeign } from './find-foreign.ts';
import { ReportFiles } from './report-files.ts';
import { versionsNow } from './versions.ts';

/**
 * Writes `report.json` and `report.txt`, streaming: when a whole origin failed they list 200,000 files. Whether the run
 * is complete is decided here, where both the counts and the failures are seen.
 */
export async function writeReport(scope: ActivityScope, input: ReportInput): Promise<ReportResult> {
  const { storePath, heartbeat, dependencies } = scope;
  heartbeat.say('writing the report');
  const foreign = input.findForeign
    ? await findForeign(storePath, input.manifest.md5, dependencies, () => heartbeat.signal.throwIfAborted())
    : undefined;
  const excluded = await excludedIds(scope, input.request, input.manifest.md5);
  // A list may name ids that the manifest does not have.
  const letGo = excluded.length > 0 ? { excluded: Math.min(excluded.length, input.manifest.records) } : {};
  const pages = await keptPages(storePath);
  const failed = Object.values(input.progress.kinds).some((tally) => tally.failedFiles > 0);
  const status: RunStatus = failed ? 'complete with failures' : 'complete';
  const head: ReportHead = {
    workflowId: input.owner.workflowId,
    run: input.run,
    status,
    finishedAt: new Date().toISOString(),
    versions: versionsNow(),
    out: input.store.path,
    request: input.request,
    records: input.manifest.records,
    manifestMd5: input.manifest.md5,
    kinds: input.progress.kinds,
    ...selectionOf(input),
    ...letGo,
    ...(foreign ? { foreign } : {}),
    ...(pages.length > 0 ? { pages } : {}),
  };
  await dependencies.timeline?.flush();
  const report = await ReportFiles.begin(storePath);
  try {
    await report.head(head);
    for await (const failure of dependencies.failureLog.readFailures(storePath, input.run)) {
      heartbeat.signal.throwIfAborted();
      // Noted by an attempt that was cut off, after the next one had brought the file.
      if (input.progress.kinds[failure.kind]?.failedFiles === 0) continue;
      await report.failure(reportedFailure(failure));
    }
    await report.replace();
  } finally {
    await report.discard();
  }
  return { status, foreignFiles: foreign?.count ?? 0, ...letGo };
}

function selectionOf({ request, manifest }: ReportInput): Pick<ReportHead, 'selection'> {
  const { selection } = request;
  const { selected } = manifest;
  return selection && selected ? { selection: { words: selection.words, ...selected } } : {};
}
