/** What Activities are given and answer, beside the {@link RunContext}: ids, ranges, counts and digests. */

import type { Folder, Md5 } from '../dataset/ids.ts';
import type { LargeFileRef } from '../dataset/reference-files.ts';
import type { GateKey } from '../failure/source-gate.ts';
import type { FewFilesKind, FileKind, ShardKind } from '../kinds.ts';
import type { Notice, NotifyRequest } from '../notices/notice.ts';
import type { RunProgress, Swept, Tally } from './progress.ts';
import type { RunContext, RunStatus } from './run.ts';
import type { ManifestSummary, ShardRef, ShardTotals } from './workflow-inputs.ts';

export interface ClaimInput extends RunContext {
  readonly takeOver: boolean;
}

export interface LoadManifestInput extends RunContext, AgainInput {
  /** Why it could not be fetched, when it could not; said when it is not there from before either. */
  readonly failure?: string;
}

/**
 * For the Activities that note the manifest in the folder. `again`: MD5 of the manifest that the run has already, whose
 * notes were found missing or damaged: each of them is looked at, and made anew where that is so.
 */
export interface AgainInput {
  readonly again?: Md5;
}

/** For Activities that need the manifest's slices. */
export interface ManifestInput extends RunContext {
  readonly manifest: ManifestSummary;
}

export interface RunPlan {
  /** Shards with anything left to do. */
  readonly shards: readonly ShardTotals[];
  /** Files and bytes per kind, finished shards included. */
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  /** Those with anything left to do. */
  readonly largeFiles: readonly LargeFileRef[];
}

export interface ShardPlanInput extends RunContext, ShardRef {
  readonly manifestMd5: Md5;
  /** Ids that have their final outcome in this run, as ranges. */
  readonly settledIds: string;
  /** Originals are still to come: only what is made of those that are there is planned. */
  readonly originalsToCome?: true;
}

export interface ShardPlan extends Omit<ShardTotals, keyof ShardRef> {
  readonly bundles: readonly Bundle[];
  /** Files that are left out because their originals are still to come. */
  readonly waitingFiles?: number;
  /** Partial files that went. */
  readonly swept?: Swept;
  /** Pictures made of these files, to be looked at before the files are fetched: of those that pass none is needed. */
  readonly lookFirst?: readonly Bundle[];
}

export interface Bundle {
  /** Ids of records, as ranges. */
  readonly ids: string;
  readonly files: number;
  readonly bytes: number;
}

/** A bundle of a thousand-folder. */
export interface ShardFiles {
  readonly kind: ShardKind;
  readonly folder: Folder;
  readonly ids: string;
  readonly manifestMd5: Md5;
  /** Only to know what is damaged: whoever asks sees to what is found, and nothing of it is noted as a failure. */
  readonly onlyToKnow?: true;
}

/** Files that one Activity settles: a bundle of a shard, or the few that the domain lists. */
export interface BundleInput extends RunContext {
  readonly files: ShardFiles | { readonly kind: FewFilesKind };
}

/** Files that must wait for hours, as the Activity that met them says it. */
export interface DeferredByBundle {
  /** As ranges; empty for files that have none. */
  readonly ids: string;
  readonly reason: string;
  /** Milliseconds left until the first of them may be asked for again, if it was refused for the first time. */
  readonly waitMs: number;
  /** Milliseconds of that wait as a whole: what the source asked for, or `baseMs`. */
  readonly firstMs: number;
  /** Milliseconds that the user set for a first wait. */
  readonly baseMs: number;
}

/** What became of a bundle. `tally` counts only what this Activity settled. */
export interface BundleResult {
  readonly tally: Tally;
  /** Ids of failed files, as ranges: not planned again by this run. */
  readonly failedIds: string;
  readonly deferred?: DeferredByBundle;
  /** The disk had no room for some files, and aligning may make some: they are left as they are. */
  readonly noRoom?: true;
  /** Files are left as they are because this gate is closed: whoever goes on waits for it first. */
  readonly gate?: GateKey;
  /** The Activity was told to stop before it was through. */
  readonly interrupted: boolean;
}

/** One byte range of a large file: a bundle of one. */
export interface RangeInput extends RunContext {
  readonly file: Pick<LargeFileRef, 'kind' | 'key'>;
  /** Bytes wanted on the disk when the Activity ends; it fetches at most {@link RANGE_BYTES} of them. */
  readonly end: number;
}

export interface RangeResult extends BundleResult {
  /** Bytes on the disk. */
  readonly size: number;
  /** `reason: detail`, where the file was given up. */
  readonly failure?: string;
}

export interface ReportInput extends ManifestInput {
  readonly progress: RunProgress;
  /** Walk the dataset's folders for files that no record names. */
  readonly findForeign: boolean;
}

export interface NoticeInput extends RunContext {
  readonly notify: NotifyRequest;
  readonly notice: Notice;
}

export interface ReportResult {
  readonly status: RunStatus;
  readonly foreignFiles: number;
  /** Records that the folder lets go; absent: none. */
  readonly excluded?: number;
}
