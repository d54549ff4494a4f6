import { stat } from 'node:fs/promises';
import { type ImageId, parseIds } from '../../domain/dataset/ids.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import type { BundleInput, BundleResult, ShardFiles } from '../../domain/run/activity-inputs.ts';
import { type AlignRequest, askedIds } from '../../domain/run/request.ts';
import { lastSeen } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { excludedIds } from '../excluded/excluded-ids.ts';
import { stopFailure } from '../failures.ts';
import { cropsOf } from '../manifest/crop-files.ts';
import { cropsRoot } from '../manifest/manifest-folders.ts';
import { requestHere } from '../selection/request-here.ts';
import { Bundle } from '../settle/bundle.ts';
import { type AcceptedOriginal, FaceMaker, type FaceSpec, faceSpec } from './face-maker.ts';
import { takeRecordsAlong } from './moved-records.ts';
import { OriginalsToGo } from './original-to-go.ts';
import type { AlignPool } from './threads/align-pool.ts';

/**
 * Aligns the faces of a bundle. Pictures of all bundles of a process share the pool's threads, first come first served,
 * so that the last bundle of a run still keeps every thread busy.
 */
export function alignBundle(pool: AlignPool) {
  return async (scope: ActivityScope, input: BundleInput): Promise<BundleResult> => {
    const { storePath, heartbeat, dependencies } = scope;
    const { files, run, request: asked } = input;
    const { align } = asked;
    if (align === undefined || !('folder' in files))
      throw new Error('request: expected faces and how to align them, got neither');
    const { kind, folder } = files;
    const originals = await originalsOf(align, storePath, heartbeat.attempt);
    const crops = cropsRoot(storePath, files.manifestMd5, align);
    const request = await requestHere(scope, asked, files.manifestMd5);
    const ids = askedIds(request, kind);
    const toGo = align.discardOriginals
      ? new OriginalsToGo(scope, { align, ids, run, folder, crops })
      : undefined;
    const bundle = new Bundle<FaceSpec>(scope, input, {
      maker: new FaceMaker(scope, {
        pool,
        align,
        originals,
        toGo,
        accepted: await acceptedOriginals(scope, input),
      }),
      kind,
      group: folder,
      hasIds: true,
      onlyToKnow: files.onlyToKnow === true,
      slots: dependencies.alignSlots,
    });
    const excluded = new Set(await excludedIds(scope, asked, files.manifestMd5));
    const specs = await specsOf(scope, files, align, crops, excluded);
    if (request.manifest.name === 'photos') await takeRecordsAlong(scope, folder, specs);
    return bundle.settleAll(specs);
  };
}

/** Size and MD5 of originals of the dataset folder that were taken by their pixels, by path. */
async function acceptedOriginals(
  { storePath, dependencies }: ActivityScope,
  { files, request }: BundleInput,
): Promise<ReadonlyMap<string, AcceptedOriginal>> {
  const accepted = new Map<string, AcceptedOriginal>();
  if (request.accept === undefined || request.align?.sourceDir !== undefined || !('folder' in files))
    return accepted;
  const records = await dependencies.verifiedLog.read(storePath, kinds.align.madeOf, files.folder);
  for (const [path, known] of records) {
    const record = lastSeen(known);
    if (record?.accepted !== undefined) accepted.set(path, { size: record.size, md5: record.md5 });
  }
  return accepted;
}

async function specsOf(
  { dependencies }: ActivityScope,
  { ids, folder }: ShardFiles,
  align: AlignRequest,
  root: string,
  excluded: ReadonlySet<ImageId>,
): Promise<FaceSpec[]> {
  const crops = await cropsOf(dependencies, root, folder);
  // Since the bundle was planned, perhaps.
  const wanted = parseIds(ids).filter((id) => !excluded.has(id));
  return wanted.map((id) => {
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
