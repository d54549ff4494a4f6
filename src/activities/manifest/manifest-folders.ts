import { join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { optionsDigest } from '../../domain/verify/recipe.ts';
import { pathIn } from '../folders/held-folder.ts';

/** The folder of a store that holds the slices of manifests, each in `<md5>/`. */
export function slicesRoot(storePath: string): string {
  return join(storePath, statePaths.manifests);
}

/** The folder of a store that holds where every face of a manifest lies, under these options. */
export function cropsRoot(storePath: string, md5: Md5, align: AlignRequest): string {
  return pathIn(storePath, statePaths.crops(md5, optionsDigest(align)));
}
