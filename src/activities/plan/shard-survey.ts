import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { selectionOf } from '../../domain/dataset/selection.ts';
import type { ShardKind } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { ActivityScope } from '../activity.ts';
import { cropsRoot, slicesRoot } from '../manifest/manifest-folders.ts';
import type { FolderSummary, SliceSummary } from '../manifest/manifest-slices.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import type { ManyLooks } from '../store/file-info.ts';

/** Where a survey looks, and for whom. */
export interface SurveyedStore {
  readonly path: string;
  /** Holds `<md5>/`. */
  readonly slices: string;
  /** Holds where the faces lie, where they are aligned. */
  readonly crops: string | undefined;
  readonly caches: ManifestCaches;
  readonly looks: ManyLooks;
  /** Ends the survey, also while a disk does not answer. */
  readonly signal: AbortSignal;
}

/** A run's own folders. */
export function storeFor(
  { storePath: path, heartbeat, dependencies: caches }: ActivityScope,
  request: RunRequest,
  md5: Md5,
): SurveyedStore {
  const crops = request.align === undefined ? undefined : cropsRoot(path, md5, request.align);
  const looks = caches.verifier;
  return { path, slices: slicesRoot(path), crops, caches, looks, signal: heartbeat.signal };
}

export interface ShardSurvey {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Bytes that are on the disk already: of done files, of files to be verified, of partial files. */
  readonly presentBytes: number;
  readonly unfinished: readonly { readonly id: ImageId; readonly size: number }[];
  /** Of the done ones: equal to their published twin. */
  readonly identicalFiles?: number;
}

/** What is asked of the disk about one thousand-folder. */
export interface SurveyQuestion {
  readonly store: SurveyedStore;
  readonly kind: ShardKind;
  readonly folder: Folder;
  readonly md5: Md5;
  readonly request: RunRequest;
  readonly run: string;
  /** Records that have their final outcome in this run. */
  readonly settled: ReadonlySet<ImageId>;
}

/** How a kind that comes in shards is surveyed. */
export interface ShardSurveyor {
  /** The thousand-folders that have files of this kind, and how many. */
  folders(store: SurveyedStore, summary: SliceSummary): Promise<readonly FolderSummary[]>;
  survey(question: SurveyQuestion): Promise<ShardSurvey>;
}

/** Does a record vouch for a file in this run? Under `contents` only the run's own records count. */
export function counts(
  record: { readonly run: string } | undefined,
  { request, run }: Pick<SurveyQuestion, 'request' | 'run'>,
): boolean {
  return record !== undefined && (request.trust === 'records' || record.run === run);
}

/** Is a record part of what was asked for? */
export function isSelected({ request }: Pick<SurveyQuestion, 'request'>): (id: ImageId) => boolean {
  return selectionOf(request.ids);
}
