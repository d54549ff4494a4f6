import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseIds } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import type { BundleInput, BundleResult, ShardFiles } from '../../domain/run/activity-inputs.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { optionsDigest } from '../../domain/verify/recipe.ts';
import type { ActivityScope } from '../activity.ts';
import { stopFailure } from '../failures.ts';
import { cropsOf } from '../manifest/crop-files.ts';
import { Bundle } from '../settle/bundle.ts';
import { FaceMaker, type FaceSpec, faceSpec } from './face-maker.ts';
import type { AlignPool } from './threads/align-pool.ts';

/**
 * Aligns the faces of a bundle. Pictures of all bundles of a process share the pool's threads, first come first served,
 * so that the last bundle of a run still keeps every thread busy.
 */
export function alignBundle(pool: AlignPool) {
  return async (scope: ActivityScope, input: BundleInput): Promise<BundleResult> => {
    const { storePath, heartbeat, dependencies } = scope;
    const { files, run, request } = input;
    const { align } = request;
    if (align === undefined || !('folder' in files))
      throw new Error('request: expected faces and how to align them, got neither');
    const { kind, folder } = files;
    const originals = await originalsOf(align, storePath, heartbeat.attempt);
    const verifiedOriginals = align.discardOriginals
      ? await dependencies.verifiedLog.read(storePath, kinds.align.madeOf, folder)
      : new Map();
    const bundle = new Bundle<FaceSpec>(scope, input, {
      maker: new FaceMaker(scope, { pool, run, align, folder, originals, verifiedOriginals }),
      kind,
      group: folder,
      hasIds: true,
      slots: dependencies.alignSlots,
    });
    return bundle.settleAll(await specsOf(scope, files, align));
  };
}

async function specsOf(
  { storePath, dependencies }: ActivityScope,
  { ids, folder, manifestMd5 }: ShardFiles,
  align: AlignRequest,
): Promise<FaceSpec[]> {
  const root = join(storePath, statePaths.crops(manifestMd5, optionsDigest(align)));
  const crops = await cropsOf(dependencies, root, folder);
  return parseIds(ids).map((id) => {
    const face = crops.get(id);
    if (face === undefined) throw new Error(`crops [${folder}]: expected record ${id}, got none`);
    return faceSpec(face, align);
  });
}

/** Another folder's disk may not be mounted on this host: that is no missing original. */
async function originalsOf(align: AlignRequest, storePath: string, attempt: number): Promise<string> {
  const path = align.sourceDir ?? storePath;
  let got = 'none on this host';
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') got = (error as Error).message;
  }
  const detail = `originals [--source-dir ${path}]: expected a folder, got ${got}`;
  throw stopFailure({ reason: 'source-not-mounted', detail }, attempt);
}
