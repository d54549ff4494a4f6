import { parseIds } from '../../domain/dataset/ids.ts';
import type { ShardPlan, ShardPlanInput } from '../../domain/run/activity-inputs.ts';
import { boundsFor, cutIntoBundles } from '../../domain/run/plan.ts';
import { accepted, identical, swept } from '../../domain/run/progress.ts';
import type { ActivityScope } from '../activity.ts';
import { requestHere } from '../selection/request-here.ts';
import { storeFor } from './shard-survey.ts';
import { surveyors } from './surveyors.ts';

/** Cuts what a shard still needs into bundles, from what is on the disk now. */
export async function planShard(scope: ActivityScope, input: ShardPlanInput): Promise<ShardPlan> {
  const { kind, folder, manifestMd5, run, settledIds, originalsToCome } = input;
  const { dependencies, storePath } = scope;
  const request = await requestHere(scope, input.request, manifestMd5);
  const store = storeFor(scope, request, manifestMd5);
  const settled = new Set(parseIds(settledIds));
  await dependencies.verifiedLog.compact(storePath, kind, folder);
  const survey = await surveyors[kind].survey({
    store,
    kind,
    folder,
    md5: manifestMd5,
    request,
    run,
    settled,
    originalsToCome: originalsToCome === true,
  });
  const {
    files,
    bytes,
    doneFiles,
    doneBytes,
    identicalFiles = 0,
    acceptedFiles = 0,
    unfinished,
    waitingFiles = 0,
  } = survey;
  const bundles = cutIntoBundles(unfinished, boundsFor(kind, request));
  const lookFirst = cutIntoBundles(survey.lookFirst ?? [], boundsFor('align', request));
  return {
    files,
    bytes,
    doneFiles,
    doneBytes,
    ...identical(identicalFiles),
    ...accepted(acceptedFiles),
    ...swept(survey.swept),
    bundles,
    ...(waitingFiles > 0 ? { waitingFiles } : {}),
    ...(lookFirst.length > 0 ? { lookFirst } : {}),
  };
}
