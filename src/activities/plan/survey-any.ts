import { join } from 'node:path';
import type { ShardKind } from '../../domain/dataset/file-spec.ts';
import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { selectionOf } from '../../domain/dataset/selection.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { optionsDigest } from '../align/recipe.ts';
import { surveyAlign } from '../align/survey-align.ts';
import { readCropSummary } from '../manifest/crop-files.ts';
import type { FolderSummary } from '../manifest/manifest-slices.ts';
import { type ShardSurvey, surveyShard } from './survey-shard.ts';

/** Where a survey looks. */
export interface SurveyedStore {
  readonly path: string;
  /** Holds `<md5>/`. */
  readonly slices: string;
  /** Holds the crop files, where faces are aligned. */
  readonly crops?: string;
}

/** A run's own folders. */
export function storeFor(path: string, request: RunRequest, md5: Md5): SurveyedStore {
  const slices = join(path, statePaths.manifests);
  if (request.align === undefined) return { path, slices };
  return { path, slices, crops: join(path, statePaths.crops(md5, optionsDigest(request.align))) };
}

export async function alignFolders({ crops }: SurveyedStore): Promise<readonly FolderSummary[]> {
  const summary = crops === undefined ? undefined : await readCropSummary(crops);
  if (summary === undefined) throw new Error(`crops [folder=${crops}]: expected a summary, got none`);
  return summary.folders;
}

/** What a folder of any kind should hold, and does. */
export async function surveyAny(
  store: SurveyedStore,
  shard: { readonly kind: ShardKind; readonly folder: Folder; readonly md5: Md5 },
  request: RunRequest,
  { run, settled }: { readonly run: string; readonly settled: ReadonlySet<ImageId> },
): Promise<ShardSurvey & { readonly identicalFiles?: number }> {
  const { align, trust, ids } = request;
  const { kind, folder } = shard;
  const rule = { trust, run, settled, isSelected: selectionOf(ids) };
  const aligned = (how: RunRequest['trust']) => {
    if (align === undefined || store.crops === undefined)
      throw new Error(`request [kind=${kind}]: expected how to align, got nothing`);
    return surveyAlign({ path: store.path, crops: store.crops }, folder, align, { ...rule, trust: how });
  };
  if (kind === 'align') return aligned(trust);
  if (kind !== 'wilds' || !align?.discardOriginals) return surveyShard(store, { ...shard, kind }, rule);
  const { done } = await aligned('records');
  return surveyShard(store, { ...shard, kind }, { ...rule, needless: done });
}
