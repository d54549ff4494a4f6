import type { FileKind, FileSpec, ImageKind, ShardKind } from '../dataset/file-spec.ts';
import type { Folder, Md5 } from '../dataset/ids.ts';
import type { FailureReason } from '../failure/reasons.ts';
import type { RunProgress, Tally } from './progress.ts';
import type { RunRequest, StoreRef } from './request.ts';

/**
 * Version of the workflow code's history. A run whose memo holds another one is not replayed: `start` ends it and
 * begins anew from the disk. Raised together with newly recorded histories when a replay test fails.
 */
export const WORKFLOW_VERSION = 2;

/** Memo of a run, readable without a worker. */
export interface RunMemo {
  readonly version: number;
  /** {@link canonicalRequest} of the request. */
  readonly request: string;
  readonly out: string;
  readonly storeId: string;
}

/** Who may write to a folder: the run, and the server that knows it. */
export interface RunOwner {
  readonly workflowId: string;
  /** The server's own id, so that two embedded servers at the same address are not mistaken for each other. */
  readonly clusterId: string;
  readonly address: string;
  readonly namespace: string;
}

export interface BuildDatasetInput {
  readonly store: StoreRef;
  readonly request: RunRequest;
  readonly owner: RunOwner;
  /** Take the folder over from another run's owner record. */
  readonly takeOver: boolean;
  /** False where the server does not have the project's search attributes: upserting those would fail the task. */
  readonly searchAttributes: boolean;
  /** Set by Continue-As-New only. */
  readonly state?: BuildDatasetState;
}

export interface ShardRef {
  readonly kind: ShardKind;
  readonly folder: Folder;
}

/** A shard that the run still has to see to. */
export interface PendingShard extends ShardTotals {
  /** Not before (ms since the epoch): its files are under quota. */
  readonly until?: number;
  readonly carried?: ShardCarried;
}

/** What a shard takes along when it starts again: over Continue-As-New, or after its deferred files' wait. */
export interface ShardCarried {
  /** As of the end of its last execution. */
  readonly tally: Tally;
  /** Ids that have their final outcome in this run, as ranges. */
  readonly settledIds: string;
  readonly signalsSent: number;
  readonly deferred?: DeferredFiles;
}

/** Files that must wait for hours; with the bundle that met them they are no longer planned before `until`. */
export interface DeferredFiles {
  /** As ranges; empty for the few files outside the thousand-folders. */
  readonly ids: string;
  /** When the first of them may be asked for again (ms since the epoch). */
  readonly until: number;
  readonly reason: string;
}

export interface ProcessShardInput extends RunContext, ShardRef {
  readonly manifestMd5: Md5;
  readonly paused: boolean;
  /** Progress signals that it may send to the run. */
  readonly signals: number;
  readonly carried?: ShardCarried;
}

export interface ShardResult {
  /** With `deferred`, files are left: the run starts the shard again when it is time. */
  readonly carried: ShardCarried;
}

export interface FetchArchiveInput extends RunContext {
  readonly archive: ArchiveSpec;
  readonly paused: boolean;
  /** Set by Continue-As-New only. */
  readonly faults?: number;
}

export interface ArchiveResult {
  readonly tally: Tally;
  readonly failure?: string;
}

/** What a run carries over Continue-As-New; ids and counts only. */
export interface BuildDatasetState {
  readonly run: string;
  readonly paused: boolean;
  readonly manifest: ManifestSummary;
  readonly shardCount: number;
  readonly pending: readonly PendingShard[];
  readonly archives: readonly ArchiveSpec[];
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
}

export interface ManifestSummary {
  readonly records: number;
  readonly md5: Md5;
  readonly bytes: number;
}

export interface ShardTotals extends ShardRef {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Of the done ones, where the shard is aligned. */
  readonly identicalFiles?: number;
}

/** One large file that comes in byte ranges. */
export type ArchiveSpec = FileSpec & { readonly size: number; readonly md5: Md5 };

export type RunStatus = 'complete' | 'complete with failures';

/** Result of `buildDataset`. */
export interface RunResult {
  readonly status: RunStatus;
  readonly progress: RunProgress;
  readonly records: number;
  /** Relative to OUT. */
  readonly report: string;
  /** Only when looking at everything (trust `contents`): files under OUT that no record names. */
  readonly foreignFiles: number;
}

export interface Bundle {
  /** Positions are ids, as ranges. */
  readonly ids: string;
  readonly files: number;
  readonly bytes: number;
}

/** What every Activity of a run is told. */
export interface RunContext {
  readonly store: StoreRef;
  readonly owner: RunOwner;
  /** First Run Id of the chain: stays the same over Continue-As-New. */
  readonly run: string;
  readonly request: RunRequest;
}

/** Files that one Activity settles. `shard`: a bundle of a thousand-folder; the others are few and listed by the domain. */
export type BundleFiles =
  | { readonly kind: ImageKind; readonly folder: Folder; readonly ids: string; readonly manifestMd5: Md5 }
  | { readonly kind: 'licenses' }
  | { readonly kind: 'json' };

export interface BundleInput extends RunContext {
  readonly files: BundleFiles;
}

/** Faces of one folder that one Activity aligns. */
export interface AlignInput extends RunContext {
  readonly folder: Folder;
  readonly ids: string;
  readonly manifestMd5: Md5;
}

/** What became of a bundle. `tally` counts only what this Activity settled. */
export interface BundleResult {
  readonly tally: Tally;
  /** Ids of failed files, as ranges: not planned again by this run. */
  readonly failedIds: string;
  readonly deferred?: DeferredFiles;
  /** The Activity was told to stop before it was through. */
  readonly interrupted: boolean;
}

export interface ShardPlanInput extends RunContext, ShardRef {
  readonly manifestMd5: Md5;
  /** Ids that have their final outcome in this run, as ranges. */
  readonly settledIds: string;
}

export interface ShardPlan {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  readonly identicalFiles?: number;
  readonly bundles: readonly Bundle[];
}

export interface RunPlan {
  /** Shards with anything left to do. */
  readonly shards: readonly ShardTotals[];
  /** Files and bytes per kind, finished shards included. */
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly archives: readonly ArchiveSpec[];
}

export interface ArchiveInput extends RunContext {
  readonly archive: ArchiveSpec;
}

export interface RangeInput extends ArchiveInput {
  /** Bytes wanted on the disk when the Activity ends. */
  readonly end: number;
  /** Faults of the file so far, from Activities before this one. */
  readonly faults?: number;
}

export type RangeResult =
  | { readonly status: 'fetched'; readonly size: number }
  /** All of it was there and wrong, and is gone. */
  | { readonly status: 'damaged'; readonly faults: number }
  | { readonly status: 'verified'; readonly how: 'already there' | 'adopted' | 'stored' }
  | { readonly status: 'failed'; readonly reason: FailureReason; readonly detail: string }
  | { readonly status: 'deferred'; readonly until: number; readonly reason: string }
  | { readonly status: 'interrupted' };

export interface ClaimInput extends RunContext {
  readonly takeOver: boolean;
}

export interface ReportInput extends RunContext {
  readonly manifest: ManifestSummary;
  readonly progress: RunProgress;
  /** Walk the dataset's folders for files that no record names. */
  readonly findForeign: boolean;
}

export interface LoadManifestInput extends RunContext {
  /** Why it could not be fetched, when it could not; said when it is not there from before either. */
  readonly failure?: string;
}

export interface ReportResult {
  readonly status: RunStatus;
  readonly foreignFiles: number;
}
