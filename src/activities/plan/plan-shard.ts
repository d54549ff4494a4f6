import { parseIds } from '../../domain/dataset/ids.ts';
import { boundsFor, cutIntoBundles } from '../../domain/run/plan.ts';
import { identical } from '../../domain/run/progress.ts';
import type { ShardPlan, ShardPlanInput } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { storeFor, surveyAny } from './survey-any.ts';

/** Cuts what a shard still needs into bundles, from what is on the disk now. */
export function makePlanShard(dependencies: ActivityDependencies) {
  return async function planShard(input: ShardPlanInput): Promise<ShardPlan> {
    const progress = BundleProgress.begin();
    try {
      const path = await enterStore(dependencies, input);
      const survey = await surveyAny(
        storeFor(path, input.request, input.manifestMd5),
        { kind: input.kind, folder: input.folder, md5: input.manifestMd5 },
        input.request,
        { run: input.run, settled: new Set(parseIds(input.settledIds)) },
      );
      const { files, bytes, doneFiles, doneBytes, identicalFiles = 0, unfinished } = survey;
      const bundles = cutIntoBundles(unfinished, boundsFor(input.kind, input.request));
      return { files, bytes, doneFiles, doneBytes, ...identical(identicalFiles), bundles };
    } finally {
      progress.end();
    }
  };
}
