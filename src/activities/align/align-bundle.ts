import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseIds } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import type { AlignInput, BundleResult } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { stopFailure } from '../failures.ts';
import { BundleAttempt } from '../fetch/bundle-attempt.ts';
import { BundleProgress } from '../heartbeat.ts';
import { readCrops } from '../manifest/crop-files.ts';
import { surveyFolder } from '../store/partial-file.ts';
import { folderName, makeSafeFolder } from '../store/safe-folder.ts';
import { readVerified } from '../store/verified-records.ts';
import { optionsDigest } from './recipe.ts';
import { type FaceContext, type FaceSpec, faceSpec, settleFace } from './settle-face.ts';
import type { AlignPool } from './threads/align-pool.ts';

/**
 * Aligns the faces of a bundle. Pictures of all bundles of a process share its threads, first come first served, so
 * that the last bundle of a run still keeps every thread busy.
 */
export function makeAlignBundle(dependencies: ActivityDependencies, pool: AlignPool) {
  return async function alignBundle(input: AlignInput): Promise<BundleResult> {
    const progress = BundleProgress.begin();
    try {
      const storePath = await enterStore(dependencies, input);
      const { align } = input.request;
      if (align === undefined) throw new Error('request: expected how to align, got nothing');
      const originals = await originalsOf(align, storePath, progress.attempt);
      const specs = await specsOf(storePath, input, align);
      progress.setTotals(specs);
      const base = {
        ...{ dependencies, pool, storePath, align, originals },
        ...{ run: input.run, request: input.request, folder: input.folder },
        verified: await readVerified(storePath, 'align', input.folder),
        verifiedOriginals: align.discardOriginals
          ? await readVerified(storePath, 'wilds', input.folder)
          : new Map(),
      };
      const contexts = new Map<string, Promise<FaceContext>>();
      const contextFor = (spec: FaceSpec): Promise<FaceContext> => {
        const folder = folderName(spec.path);
        const context = contexts.get(folder) ?? contextOf(base, folder);
        contexts.set(folder, context);
        return context;
      };
      const bundle = new BundleAttempt<FaceSpec>(dependencies, input, storePath, progress, {
        slots: dependencies.alignSlots,
        group: input.folder,
        hasIds: true,
        settle: async (spec, hands) => settleFace(await contextFor(spec), spec, hands),
      });
      return await bundle.settleAll(specs);
    } finally {
      progress.end();
    }
  };
}

async function contextOf(
  base: Omit<FaceContext, 'outputFolder' | 'listing'>,
  folder: string,
): Promise<FaceContext> {
  const outputFolder = await makeSafeFolder(base.storePath, folder);
  return { ...base, outputFolder, listing: await surveyFolder(outputFolder) };
}

async function specsOf(storePath: string, input: AlignInput, align: AlignRequest): Promise<FaceSpec[]> {
  const root = join(storePath, statePaths.crops(input.manifestMd5, optionsDigest(align)));
  const crops = await readCrops(root, input.folder);
  return parseIds(input.ids).map((id) => {
    const face = crops.get(id);
    if (face === undefined) throw new Error(`crops [${input.folder}]: expected record ${id}, got none`);
    return faceSpec(face, align);
  });
}

/** Another folder's disk may not be mounted on this host: that is no missing original. */
async function originalsOf(align: AlignRequest, storePath: string, attempt: number): Promise<string> {
  const path = align.sourceDir ?? storePath;
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const detail = `originals [--source-dir ${path}]: expected a folder, got none on this host`;
  throw stopFailure({ reason: 'source-not-mounted', detail }, attempt);
}
