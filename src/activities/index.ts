import { withFailures } from './activity.ts';
import { makeAlignBundle } from './align/align-bundle.ts';
import type { AlignPool } from './align/threads/align-pool.ts';
import { makeClaimStore, makeReleaseStore } from './claim-store.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { makeFetchBundle } from './fetch/fetch-bundle.ts';
import { makeFetchRange } from './fetch/fetch-range.ts';
import { makeLoadManifest } from './manifest/load-manifest.ts';
import { makePlanCrops } from './manifest/plan-crops.ts';
import { makePlanRun } from './plan/plan-run.ts';
import { makePlanShard } from './plan/plan-shard.ts';
import { makeWriteReport } from './report/write-report.ts';

/** Every Activity of the project, in the order of a run. Workflows take its type only. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    claimStore: withFailures(makeClaimStore(dependencies)),
    loadManifest: withFailures(makeLoadManifest(dependencies)),
    planCrops: withFailures(makePlanCrops(dependencies)),
    planRun: withFailures(makePlanRun(dependencies)),
    planShard: withFailures(makePlanShard(dependencies)),
    fetchBundle: withFailures(makeFetchBundle(dependencies)),
    fetchRange: withFailures(makeFetchRange(dependencies)),
    writeReport: withFailures(makeWriteReport(dependencies)),
    releaseStore: withFailures(makeReleaseStore(dependencies)),
  };
}

/** The Activities of the Task Queue that aligns. */
export function createAlignActivities(dependencies: ActivityDependencies, pool: AlignPool) {
  return { alignBundle: withFailures(makeAlignBundle(dependencies, pool)) };
}

export type Activities = ReturnType<typeof createActivities>;
export type AlignActivities = ReturnType<typeof createAlignActivities>;
