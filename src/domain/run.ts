import type { FileKind, ImageKind } from './file-spec.ts';
import type { Folder, Md5 } from './ids.ts';
import type { RunProgress, Tally } from './progress.ts';
import type { RunRequest, StoreRef } from './request.ts';

/**
 * Version of the workflow code's history. A run whose memo holds another one is not replayed: `start` ends it and
 * begins anew from the disk. Raised together with newly recorded histories when a replay test fails.
 */
export const WORKFLOW_VERSION = 1;

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
  readonly kind: ImageKind;
  readonly folder: Folder;
}

/** What a run carries over Continue-As-New; ids and counts only. */
export interface BuildDatasetState {
  readonly paused: boolean;
  readonly manifest: ManifestSummary;
  readonly pending: readonly ShardTotals[];
  /** Shards with files under quota: taken up again at `until` (ms since the epoch). */
  readonly waiting: readonly (ShardTotals & { readonly until: number })[];
  readonly archives: readonly ArchiveRef[];
  readonly tallies: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly startedRunId: string;
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
}

export interface ArchiveRef {
  readonly kind: 'json' | 'tfrecords';
  readonly key: string;
}

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
