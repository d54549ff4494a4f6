import { CancellationScope, log, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PurgeInput, PurgeResult } from '../domain/exclusion/purge.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { RunContext } from '../domain/run/run.ts';
import { activities, lastActivities } from './activity-options.ts';
import { progressQuery } from './contract/messages.ts';
import { showDetails } from './show.ts';

/**
 * Removes what a folder's exclusion list names: folder by folder, then the ledger, the manifest's tombstones and what was
 * derived of them. Every step is the same however often it is done, and what goes is noted in the folder until the end: a purge
 * that is killed at any moment, or begun anew, ends alike.
 */
export async function purgeRecords({
  store,
  owner,
  request,
  takeOver,
  deleteArchives,
}: PurgeInput): Promise<PurgeResult> {
  const context: RunContext = { store, owner, request, run: workflowInfo().firstExecutionRunId };
  const at = new Date(workflowInfo().startTime).toISOString();
  setHandler(progressQuery, () => ({
    stage: 'purge',
    paused: false,
    at,
    kinds: {},
    waits: [],
    children: [],
  }));
  try {
    await activities.claimStore({ ...context, takeOver });
    const plan = await activities.planPurge.executeWithOptions(summarized(markdown`what goes`), [
      { ...context, deleteArchives },
    ]);
    let files = 0;
    let bytes = 0;
    for (const [nth, folder] of plan.folders.entries()) {
      showDetails(markdown`${plan.records} records go: folder ${nth + 1} of ${plan.folders.length}`);
      const gone = await activities.purgeFolder.executeWithOptions(summarized(shown(folder)), [
        { ...context, folder },
      ]);
      files += gone.files;
      bytes += gone.bytes;
    }
    const end = await activities.finishPurge.executeWithOptions(summarized(markdown`ledger and manifest`), [
      { ...context, deleteArchives },
    ]);
    showDetails(markdown`${plan.records} records are gone`);
    return { records: plan.records, files: files + end.files, bytes: bytes + end.bytes, left: end.left };
  } finally {
    try {
      await CancellationScope.nonCancellable(() => lastActivities.releaseStore(context));
    } catch (error) {
      log.warn('the folder could not be released', { error });
    }
  }
}
