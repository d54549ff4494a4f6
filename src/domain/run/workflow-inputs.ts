/** What workflows are given, hand on, and answer: ids and counts only. */

import type { Folder, Md5 } from '../dataset/ids.ts';
import type { LargeFileRef } from '../dataset/reference-files.ts';
import type { GateReason } from '../failure/source-gate.ts';
import type { FileKind, ShardKind } from '../kinds.ts';
import type { NotifyRequest } from '../notices/notice.ts';
import type { RunProgress, Tally } from './progress.ts';
import type { RunRequest, StoreRef } from './request.ts';
import type { RunContext, RunOwner, RunStatus } from './run.ts';

export interface BuildDatasetInput {
  readonly store: StoreRef;
  readonly request: RunRequest;
  readonly owner: RunOwner;
  /** Take the folder over from another run's owner record. */
  readonly takeOver: boolean;
  /** False where the server does not have the project's search attributes: upserting those would fail the task. */
  readonly searchAttributes: boolean;
  /** Whom the run tells how it fares; absent: nobody. */
  readonly notify?: NotifyRequest;
  /** Set by Continue-As-New only. */
  readonly state?: BuildDatasetState;
}

/** What a run carries over Continue-As-New. */
export interface BuildDatasetState {
  readonly run: string;
  readonly paused: boolean;
  readonly manifest: ManifestSummary;
  readonly shardCount: number;
  readonly pending: readonly PendingShard[];
  readonly largeFiles: readonly PendingLargeFile[];
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
  readonly notices?: NoticeState;
}

/** When a run came to the last closed gate (ms since the epoch), by why that is closed. */
export type GatesMet = Readonly<Partial<Record<GateReason, number>>>;

/** What was told so far. */
export interface NoticeState {
  /** How many notices. */
  readonly told: number;
  /** Since when (ms since the epoch) files wait, while any does. */
  readonly since?: number;
  /** Of waits since then and before was told (ms since the epoch). */
  readonly saidFor: number;
  /** When that was (ms since the epoch). */
  readonly saidAt?: number;
  /** When the run came to a closed gate (ms since the epoch), by why that is closed. */
  readonly met?: GatesMet;
}

/** Result of `buildDataset`. */
export interface RunResult {
  readonly status: RunStatus;
  readonly progress: RunProgress;
  readonly records: number;
  /** Relative to OUT. */
  readonly report: string;
  /** Only when looking at everything (trust `contents`): files under OUT that no record names. */
  readonly foreignFiles: number;
  /** Of the records, those that the folder lets go; absent: none. */
  readonly excluded?: number;
}

export interface ManifestSummary {
  readonly records: number;
  readonly md5: Md5;
  readonly bytes: number;
  /** Where the run is about some of its records. */
  readonly selected?: SelectedRecords;
}

/** What came of a selection; which records it are lies in the dataset folder. */
export interface SelectedRecords {
  readonly records: number;
  /** Records of the manifest. */
  readonly of: number;
  /** SHA-256 of the ids, as `selection.json` has it. */
  readonly digest: string;
}

export interface ShardRef {
  readonly kind: ShardKind;
  readonly folder: Folder;
}

export interface ShardTotals extends ShardRef {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Of the done ones, where the shard is aligned. */
  readonly identicalFiles?: number;
  /** Of the done ones: taken by their pixels. */
  readonly acceptedFiles?: number;
  /** Of a shard that is aligned: originals lie on the disk (or may) that go once they have served. */
  readonly holdsOriginals?: true;
}

/** A shard that the run still has to see to. */
export interface PendingShard extends ShardTotals {
  /** Not before (ms since the epoch): its files are under quota. */
  readonly until?: number;
  readonly carried?: ShardCarried;
}

export interface ProcessShardInput extends RunContext, ShardRef {
  readonly manifestMd5: Md5;
  readonly paused: boolean;
  /** Progress signals that it may send to the run. */
  readonly signals: number;
  readonly carried?: ShardCarried;
  /** Originals are still to come: only what is made of those that are there is done. */
  readonly originalsToCome?: true;
}

export interface ShardResult {
  /** It ended because the disk is full, with files left: aligning may make room for them. */
  readonly noRoom?: true;
  /** With `waiting`, files are left: the run starts the shard again when it is time. */
  readonly carried: ShardCarried;
  /** Files are left, because what the folder keeps of the manifest is missing or damaged. */
  readonly manifestLost?: true;
}

/** What a shard takes along when it starts again: over Continue-As-New, or when a wait of its files is over. */
export interface ShardCarried {
  /** As of the end of its last execution. */
  readonly tally: Tally;
  /** Ids that have their final outcome in this run, as ranges. */
  readonly settledIds: string;
  readonly signalsSent: number;
  /** Files under quota: not planned before their time, and how often they were refused until then. */
  readonly waiting?: readonly WaitingFiles[];
}

/** A wait for hours that a source's refusals have led to. */
export interface QuotaWait {
  /** When to ask again (ms since the epoch). A time that is over: it is being asked again, and the rest is remembered. */
  readonly until: number;
  readonly reason: string;
  /** When the first refusal in a row came (ms since the epoch). */
  readonly since: number;
  /** Refusals in a row. */
  readonly times: number;
}

/**
 * Files of one thousand-folder that the source refuses, and that wait together. Those that were refused equally often are
 * one group, which is asked for again when the first of them may be: one start of the folder instead of one for each.
 */
export interface WaitingFiles extends QuotaWait {
  /** As ranges. */
  readonly ids: string;
}

/** A large file that the run still has to see to. */
export interface PendingLargeFile extends LargeFileRef {
  readonly waiting?: QuotaWait;
}

export interface FetchLargeFileInput extends RunContext {
  readonly file: LargeFileRef;
  readonly paused: boolean;
  readonly waiting?: QuotaWait;
}

export interface LargeFileResult {
  readonly tally: Tally;
  readonly failure?: string;
  /** It was asked to stop: bytes are left to fetch. */
  readonly handedOver?: true;
  /** Of one that was handed over: what it waits for. */
  readonly waiting?: QuotaWait;
}
