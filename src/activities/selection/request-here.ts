import type { Md5 } from '../../domain/dataset/ids.ts';
import { without } from '../../domain/exclusion/excluder.ts';
import type { RequestHere, RunRequest } from '../../domain/run/request.ts';
import { type ExclusionScope, excludedIds } from '../excluded/excluded-ids.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import { withSelected } from './selection-notes.ts';

/**
 * The one place where a request becomes the records that are asked for: those that were selected, without those that the folder
 * lets go.
 */
export async function requestHere(
  scope: ExclusionScope & { readonly dependencies: ManifestCaches },
  asked: RunRequest,
  md5: Md5,
): Promise<RequestHere> {
  const request = await withSelected(scope.dependencies, scope.storePath, asked, md5);
  return without(request, await excludedIds(scope, asked, md5));
}
