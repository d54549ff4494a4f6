import { makeAlignBundle } from './align/align-bundle.ts';
import type { AlignPool } from './align/align-pool.ts';
import { makePlanCrops } from './align/plan-crops.ts';
import { makeClaimStore, makeReleaseStore } from './claim-store.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { makeFetchBundle } from './fetch-bundle.ts';
import { makeFetchRange } from './fetch-range.ts';
import { makeLoadManifest } from './load-manifest.ts';
import { makePlanRun } from './plan-run.ts';
import { makePlanShard } from './plan-shard.ts';
import { withFailures } from './run-activity.ts';
import { makeWriteReport } from './write-report.ts';

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
