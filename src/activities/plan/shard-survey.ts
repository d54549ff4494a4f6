import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { selectionOf } from '../../domain/dataset/selection.ts';
import type { ShardKind } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { cropsRoot, slicesRoot } from '../manifest/manifest-folders.ts';
import type { SliceSummary } from '../manifest/manifest-slices.ts';
import type { ManifestCaches } from '../records/line-cache.ts';

/** Where a survey looks, and for whom. */
export interface SurveyedStore {
  readonly path: string;
  /** Holds `<md5>/`. */
  readonly slices: string;
  /** Holds where the faces lie, where they are aligned. */
  readonly crops: string | undefined;
  readonly caches: ManifestCaches;
}

/** A run's own folders. */
export function storeFor(path: string, request: RunRequest, md5: Md5, caches: ManifestCaches): SurveyedStore {
  const crops = request.align === undefined ? undefined : cropsRoot(path, md5, request.align);
  return { path, slices: slicesRoot(path), crops, caches };
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
  /** Left out because their originals are still to come. */
  readonly waitingFiles?: number;
  /** Originals are there that go once they have served. */
  readonly holdsOriginals?: boolean;
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
  /** Leaves out what is made of originals that are not there yet. */
  readonly originalsToCome?: boolean;
}

/** How a kind that comes in shards is surveyed. */
export interface ShardSurveyor {
  /** The thousand-folders that have files of this kind. */
  folders(store: SurveyedStore, summary: SliceSummary): Promise<readonly Folder[]>;
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
