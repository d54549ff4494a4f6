import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import type { FailureReason } from '../../domain/failure/reasons.ts';
import type { GateKey } from '../../domain/failure/source-gate.ts';
import type { RecordRange } from '../../domain/tfrecord/record-check.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import type { SeenRecord, VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { Placed } from '../partials/partial-file.ts';
import type { BeginWait } from '../sources/flow/flow.ts';
import type { FileFolder } from './file-folders.ts';

/**
 * How one kind of file comes into being: downloaded, or aligned. Everything else about settling files is the same for all
 * of them (`settle-file.ts`, `bundle.ts`).
 */
export interface FileMaker<Spec extends FileSpec> {
  /** The record that vouches for the file as it lies there now, so that nobody need look into it. */
  vouching(
    spec: Spec,
    records: readonly VerificationRecord[] | undefined,
    onDisk: Placed,
  ): SeenRecord | undefined;

  /** What a file that lies there without such a record is compared with, or why nothing could tell whether it is right. */
  wanted(
    spec: Spec,
    records: readonly VerificationRecord[] | undefined,
  ): FileSpec | { readonly unknown: string };

  /**
   * Makes the file beside its place and puts it there. Failures are data; thrown are only the caller's abort and what
   * concerns the whole folder. Nothing is left under the final name that was not verified and synced.
   */
  make(spec: Spec, folder: FileFolder, tools: FileTools): Promise<Made>;

  /**
   * For files of which nothing may be known, that lie there: makes the file anew beside it, and answers `placed` where what
   * lies there is the same, byte for byte. The new one goes.
   */
  makeAgain?(spec: Spec, folder: FileFolder, tools: FileTools): Promise<Made>;

  /** For files that have a published twin: how they differ from it. */
  difference?(spec: Spec, seen: Pick<SeenContent, 'md5' | 'pixelMd5'>): Fault | undefined;

  /**
   * What is left to do once the file is in its place, also when it was there before; others have the file's slot by then.
   * `noted` resolves when its record outlives a power failure. Told to stop, it leaves the rest to the next look.
   */
  finish?(spec: Spec, tools: FileTools, noted: () => Promise<void>): Promise<void>;

  /** Its files' records are synced: something goes once they are there. */
  readonly syncsRecords?: boolean;

  /**
   * Its files go once they have served: each is noted, as such, before it gets its name (`onVerified`), so that none is
   * ever there that nobody knows to be let go.
   */
  readonly isPassing?: boolean;

  /** Digest of everything else that the file is made by; noted in its record. */
  recipe?(spec: Spec): Md5;

  /** Is a settled file known to equal its published twin? */
  isIdentical?(spec: Spec): boolean;
}

/** What the work on one file is given. */
export interface FileTools {
  readonly signal: AbortSignal;
  /** Hears of bytes fetched or read back, for progress displays only. */
  readonly onBytes: (bytes: number) => void;
  /** For work that decodes the file's bytes: noted meanwhile; `alone`: in a process of its own (`store/hands.ts`). */
  readonly inHand: <Answer>(work: (alone: boolean) => Promise<Answer>) => Promise<Answer>;
  /** Of a file of records that lies in its place: those that are damaged. The others are right. */
  readonly damaged?: readonly RecordRange[] | undefined;
  /** Measures what the file waits for. */
  readonly beginWait: BeginWait;
  /** To be awaited once the file is verified and synced, before it gets its name: the note of it is there first. */
  readonly onVerified?: (seen: Placed & SeenContent & Given) => Promise<void>;
}

/** Who gave the bytes, shortly; of a file that came in several pieces the last one. */
export interface Given {
  readonly source?: string;
}

export interface Fault {
  readonly reason: FailureReason;
  readonly detail: string;
}

export interface FileFault extends Fault {
  readonly retryAfterMs?: number;
  /** The host that it is a fault of, where it is not the file's alone. */
  readonly host?: string;
  /** The gate that is closed by it, or was before. */
  readonly gate?: GateKey;
  /** The source was asked for too much at once; it may have its turn again as soon as less is. */
  readonly isCrowded?: boolean;
  /** It waits alone, however many the reason concerns. */
  readonly isPutAside?: true;
  /** Bytes that this attempt added before it broke; they are kept. */
  readonly progressedBytes: number;
}

export type Made =
  /** `source`: who gave it, if anybody did. */
  | { readonly status: 'placed'; readonly seen: Placed & SeenContent & Given }
  /** Its range is on the disk; there is more to come. */
  | { readonly status: 'partial'; readonly size: number }
  /** The disk has none for it; others may make some. Nothing is kept of it. */
  | { readonly status: 'no-room' }
  | { readonly status: 'failed'; readonly fault: FileFault };

export function failed(reason: FailureReason, detail: string): { status: 'failed'; fault: FileFault } {
  return { status: 'failed', fault: { reason, detail, progressedBytes: 0 } };
}

/** Of a file that is known by the notes of processes that are gone. */
export function killer({ path }: FileSpec): FileFault {
  const detail = `${path}: expected the process that has it in hand to live, got its end, again and again`;
  return { reason: 'killed-worker', detail, progressedBytes: 0 };
}

/** Places that are given by what the file is. */
export interface FileSlots {
  use<Result>(
    weight: number,
    signal: AbortSignal,
    work: () => Promise<Result>,
    file: Pick<FileSpec, 'url'>,
  ): Promise<Result>;
}
