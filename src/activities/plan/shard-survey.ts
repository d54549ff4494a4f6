import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import type { LargeFileSpec } from '../../domain/dataset/reference-files.ts';
import { kinds, type ShardKind } from '../../domain/kinds.ts';
import type { Copies } from '../../domain/planning/figures.ts';
import type { BundledFile } from '../../domain/run/plan.ts';
import type { Swept, Tally } from '../../domain/run/progress.ts';
import { askedIds, type RequestHere, type RunRequest } from '../../domain/run/request.ts';
import type { ShardTotals } from '../../domain/run/workflow-inputs.ts';
import { selectionOf } from '../../domain/selection/selection-of.ts';
import { knownOf, type VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { cropsRoot, slicesRoot } from '../manifest/manifest-folders.ts';
import type { FolderSummary, SliceSummary } from '../manifest/manifest-slices.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import type { VerifiedLog } from '../records/verified-records.ts';
import type { ManyLooks, Seen } from '../store/file-info.ts';
import type { WriterProcess } from '../store/writer.ts';

/** Where a survey looks, and for whom. */
export interface SurveyedStore {
  readonly path: string;
  /** Holds `<md5>/`. */
  readonly slices: string;
  /** Holds where the faces lie, where they are aligned. */
  readonly crops: string | undefined;
  readonly caches: ManifestCaches;
  /** What is known of the files there. */
  readonly verified: Pick<VerifiedLog, 'read'>;
  /** Removes what nobody goes on with of files that are there; undefined: the survey only looks. */
  readonly sweeper?: WriterProcess | undefined;
  readonly looks: ManyLooks;
  /** Ends the survey, also while a disk does not answer. */
  readonly signal: AbortSignal;
}

/** A run's own folders. */
export function storeFor(
  { storePath: path, heartbeat, dependencies }: ActivityScope,
  request: RunRequest,
  md5: Md5,
): SurveyedStore {
  const crops = request.align === undefined ? undefined : cropsRoot(path, md5, request.align);
  const { verifier: looks, verifiedLog: verified, writer: sweeper } = dependencies;
  return {
    path,
    slices: slicesRoot(path),
    crops,
    caches: dependencies,
    verified,
    sweeper,
    looks,
    signal: heartbeat.signal,
  };
}

export interface ShardSurvey {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Bytes that need not be written again: of done files, of files that may be right, of partial files. */
  readonly presentBytes: number;
  /** `md5`: of a kind of which some are copied of others. */
  readonly unfinished: readonly BundledFile[];
  /** Of such a kind, MD5s of what is there. */
  readonly there?: readonly Md5[];
  /** Partial files that went. */
  readonly swept?: Swept | undefined;
  /** Of the done ones: equal to their published twin. */
  readonly identicalFiles?: number;
  /** Of the done ones: taken by their pixels. */
  readonly acceptedFiles?: number;
  /** Left out because their originals are still to come. */
  readonly waitingFiles?: number;
  /** Originals are there that go once they have served. */
  readonly holdsOriginals?: boolean;
  /** Aligned pictures to be looked at before their originals are fetched: those of them that pass need none. */
  readonly lookFirst?: readonly { readonly id: ImageId; readonly size: number }[];
}

/** What a survey says of all files of a kind. */
export interface SurveyedKind {
  readonly tally: Tally;
  /** Those with anything left to do. */
  readonly shards: readonly ShardTotals[];
  readonly largeFiles: readonly LargeFileSpec[];
  /** Bytes to be written beyond what is on the disk. */
  readonly neededBytes: number;
  /** Bytes on the disk that no record vouches for. */
  readonly unreadBytes: number;
  /** Files that are not there, of which others have the bytes. */
  readonly copies?: Copies;
}

/** What is asked of the disk about one thousand-folder. */
export interface SurveyQuestion {
  readonly store: SurveyedStore;
  readonly kind: ShardKind;
  readonly folder: Folder;
  readonly md5: Md5;
  readonly request: RequestHere;
  readonly run: string;
  /** Records that have their final outcome in this run. */
  readonly settled: ReadonlySet<ImageId>;
  /** Leaves out what is made of originals that are not there yet. */
  readonly originalsToCome?: boolean;
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

/**
 * Is what lies there perhaps the file, though no record vouches for it? One of another size is not, nor one that is known
 * to be wrong: the right one comes to lie beside it, and takes its place when it is whole.
 */
export function mayBeRight(
  size: number,
  info: Seen | undefined,
  records: readonly VerificationRecord[] | undefined,
): boolean {
  if (info?.isFile !== true || info.size !== size) return false;
  const known = knownOf(records, info);
  return known?.how !== 'damaged' || known.reason === 'unreadable';
}

/** Is a record part of what was asked for? */
export function isSelected({
  request,
  kind,
}: Pick<SurveyQuestion, 'request' | 'kind'>): (id: ImageId) => boolean {
  return selectionOf(askedIds(request, kind));
}

/** Are originals copied of others with the same bytes? Those that go once they have served are not there to be copied. */
export function isCopied({ kind, request }: Pick<SurveyQuestion, 'kind' | 'request'>): boolean {
  return kind === kinds.align.madeOf && !request.align?.discardOriginals;
}
