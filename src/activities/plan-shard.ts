import { join } from 'node:path';
import { parseIds } from '../domain/ids.ts';
import { statePaths } from '../domain/layout.ts';
import { boundsFor, cutIntoBundles } from '../domain/plan.ts';
import type { ShardPlan, ShardPlanInput } from '../domain/run.ts';
import { BundleProgress } from './bundle-progress.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { enterStore } from './run-activity.ts';
import { surveyShard } from './survey-shard.ts';

/** Cuts what a shard still needs into bundles, from what is on the disk now. */
export function makePlanShard(dependencies: ActivityDependencies) {
  return async function planShard(input: ShardPlanInput): Promise<ShardPlan> {
    const progress = BundleProgress.begin();
    try {
      const path = await enterStore(dependencies, input);
      const survey = await surveyShard(
        { path, slices: join(path, statePaths.manifests) },
        { kind: input.kind, folder: input.folder, md5: input.manifestMd5 },
        { trust: input.request.trust, run: input.run, settled: new Set(parseIds(input.settledIds)) },
      );
      const { files, bytes, doneFiles, doneBytes, unfinished } = survey;
      const bundles = cutIntoBundles(unfinished, boundsFor(input.kind, input.request));
      return { files, bytes, doneFiles, doneBytes, bundles };
    } finally {
      progress.end();
    }
  };
}
