import type { RunContext } from '../domain/run/run.ts';
import { type ActivityScope, activity } from './activity.ts';
import { alignBundle } from './align/align-bundle.ts';
import type { AlignPool } from './align/threads/align-pool.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { checkExclusions } from './excluded/excluded-ids.ts';
import { fetchBundle } from './fetch/fetch-bundle.ts';
import { fetchRange } from './fetch/fetch-range.ts';
import { lookAtGate } from './gates/look-at-gate.ts';
import { probeSource } from './gates/probe-source.ts';
import { loadManifest } from './manifest/load-manifest.ts';
import { planCrops } from './manifest/plan-crops.ts';
import { planPhotos } from './manifest/plan-photos.ts';
import { sendNotice } from './notices/send-notice.ts';
import { planRun } from './plan/plan-run.ts';
import { planShard } from './plan/plan-shard.ts';
import { finishPurge } from './purge/finish-purge.ts';
import { planPurge } from './purge/plan-purge.ts';
import { purgeFolder } from './purge/purge-folder.ts';
import { writeReport } from './report/write-report.ts';
import { selectRecords } from './selection/select-records.ts';
import { claimStore, releaseStore } from './store/claim-store.ts';
import type { StoreDoor } from './store/store-door.ts';

/** Every Activity of the project, in the order of a run. Workflows take its type only. */
export function createActivities(dependencies: ActivityDependencies) {
  const owned = <Input extends RunContext, Output>(
    work: (scope: ActivityScope, input: Input) => Promise<Output>,
    ...needs: readonly (keyof Input & string)[]
  ) => activity(dependencies, withExclusions(work), { needs });
  return {
    claimStore: activity(dependencies, claimStore, { enter: findStore }),
    loadManifest: owned(loadManifest),
    planPhotos: owned(planPhotos),
    planCrops: owned(planCrops, 'manifest'),
    selectRecords: owned(selectRecords, 'manifest'),
    planRun: owned(planRun, 'manifest'),
    planShard: owned(planShard, 'kind', 'folder', 'manifestMd5', 'settledIds'),
    fetchBundle: owned(fetchBundle, 'files'),
    fetchRange: owned(fetchRange, 'file', 'end'),
    writeReport: owned(writeReport, 'manifest', 'progress'),
    planPurge: owned(planPurge, 'deleteArchives'),
    purgeFolder: owned(purgeFolder, 'folder'),
    finishPurge: owned(finishPurge, 'deleteArchives'),
    // Also of a run whose folder is away: it is of the run, not of the folder.
    sendNotice: activity(dependencies, sendNotice, { needs: ['notify', 'notice'], enter: async () => '' }),
    releaseStore: activity(dependencies, releaseStore, { enter: findStore }),
    lookAtGate: lookAtGate(dependencies),
    probeSource: probeSource(dependencies),
  };
}

/** The Activities of the Task Queue that aligns. */
export function createAlignActivities(dependencies: ActivityDependencies, pool: AlignPool) {
  const align = withExclusions(alignBundle(pool));
  return { alignBundle: activity(dependencies, align, { needs: ['files'] }) };
}

/** Only where the list of what is let go is the one that the run began with, or has grown since. */
function withExclusions<Input extends RunContext, Output>(
  work: (scope: ActivityScope, input: Input) => Promise<Output>,
): (scope: ActivityScope, input: Input) => Promise<Output> {
  return async (scope, input) => {
    await checkExclusions(scope.storePath, input.store, scope.dependencies.seal);
    return work(scope, input);
  };
}

/** Whoever the folder's owner is. */
async function findStore(door: StoreDoor, { store }: RunContext): Promise<string> {
  return (await door.find(store)).path;
}

export type Activities = ReturnType<typeof createActivities>;
/** Those that settle the bundles of shards. */
export type BundleActivities = Pick<Activities, 'fetchBundle'> & ReturnType<typeof createAlignActivities>;
