/*
 * What happens to one file: look whether it is right already, else fetch it beside its place, verify what is on the
 * disk, put it in place, note it. Failures are data; the only things thrown are the caller's abort and what concerns
 * the whole folder (StoreError, PartialLostError).
 */

import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { FailureReason } from '../../domain/failure/outcome.ts';
import type { SourceFailure } from '../../domain/failure/source-failure.ts';
import { StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { findVouchingRecord, type VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { Source } from '../sources/source.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { type FolderSurvey, PartialFile, removeAbandoned } from '../store/partial-file.ts';
import { fileName } from '../store/safe-folder.ts';
import type { VerifiedFiles } from '../store/verified-records.ts';
import type { PlaceAnswer } from '../verify/verify-task.ts';
import { transfer } from './transfer.ts';

/** Where and for whom files are settled; the same for all files of a bundle. */
export interface FileContext {
  readonly dependencies: ActivityDependencies;
  readonly storePath: string;
  /** Absolute; has been checked for symbolic links. */
  readonly folder: string;
  /** Group of the verification records. */
  readonly group: string;
  /** First Run Id. */
  readonly run: string;
  readonly request: Pick<RunRequest, 'trust' | 'fetch'>;
  readonly source: Source;
  readonly verified: VerifiedFiles;
  readonly listing: FolderSurvey;
  readonly signal: AbortSignal;
  /**
   * Verification records on their way to the disk. Whoever settles files waits for them before it answers; a file does
   * not hold its slot until then.
   */
  readonly notes: Promise<void>[];
  /** Only for a file that comes in ranges: position behind the last byte of this one. */
  readonly end?: number;
}

export interface FileFault {
  readonly reason: FailureReason;
  readonly detail: string;
  readonly retryAfterMs?: number;
  /** Bytes that this attempt added before it broke; they are kept. */
  readonly progressedBytes: number;
}

export type FileResult =
  | {
      readonly status: 'done';
      readonly how: 'already there' | 'adopted' | 'stored';
      readonly size: number;
      /** Aligned, and to the published pixels. */
      readonly isIdentical?: boolean;
    }
  /** Its range is on the disk; there is more to come. */
  | { readonly status: 'partial'; readonly size: number }
  | { readonly status: 'failed'; readonly fault: FileFault };

/** `onBytes` hears of bytes fetched or re-read, for progress displays only. */
export async function settleFile(
  context: FileContext,
  spec: FileSpec,
  onBytes: (bytes: number) => void,
): Promise<FileResult> {
  try {
    return await settle(context, spec, onBytes);
  } catch (error) {
    context.signal.throwIfAborted();
    const failure = storeErrorFrom(error, `store [file=${spec.path}]`);
    throw failure === undefined ? error : finalBeforePlan(failure, spec);
  }
}

/** Where not even the manifest and the licences fit, nobody waits for space: the run has not begun. */
function finalBeforePlan(failure: StoreError, { kind }: FileSpec): StoreError {
  if (failure.reason !== 'disk-full' || (kind !== 'json' && kind !== 'licenses')) return failure;
  return new StoreError('too-little-space', failure.message, { cause: failure });
}

async function settle(
  context: FileContext,
  spec: FileSpec,
  onBytes: (bytes: number) => void,
): Promise<FileResult> {
  const there = await lookAt(context, spec, onBytes);
  if (there.status === 'right') return { status: 'done', how: there.how, size: there.size };
  if (there.status === 'unsafe') return failed('unsafe-path', there.detail);
  if (context.request.fetch === 'nothing') {
    return there.status === 'wrong'
      ? failed(there.reason, there.detail)
      : failed('not-on-disk', `${spec.path}: expected a file, got nothing`);
  }
  return fetchFile(context, spec, onBytes);
}

type Look =
  | { readonly status: 'absent' }
  | { readonly status: 'right'; readonly how: 'already there' | 'adopted' | 'stored'; readonly size: number }
  | { readonly status: 'unsafe'; readonly detail: string }
  | { readonly status: 'wrong'; readonly reason: FailureReason; readonly detail: string };

async function lookAt(context: FileContext, spec: FileSpec, onBytes: (bytes: number) => void): Promise<Look> {
  const name = fileName(spec.path);
  const path = join(context.folder, name);
  const info = context.listing.names.has(name) ? await lstatIfThere(path) : undefined;
  if (info === undefined) return { status: 'absent' };
  if (!info.isFile()) {
    const kind = info.isSymbolicLink() ? 'a symbolic link' : 'something else';
    return { status: 'unsafe', detail: `${spec.path}: expected a regular file, got ${kind}` };
  }
  const seen = onDisk(info);
  const record = findVouchingRecord(spec, context.verified.get(spec.path), seen);
  // Under `contents` only this run's own look counts: that is how a killed `verify` goes on where it was.
  if (record && (context.request.trust === 'records' || record.run === context.run)) {
    return {
      status: 'right',
      how: record.run === context.run && record.how !== 'discarded' ? record.how : 'already there',
      size: seen.size,
    };
  }
  // Without a published digest only what this project noted when it stored the file can tell whether it is still that;
  // without a note it may be anything, and is fetched again.
  const md5 = spec.md5 ?? context.verified.get(spec.path)?.at(-1)?.md5;
  if (md5 === undefined && context.request.fetch !== 'nothing') return { status: 'absent' };
  const wanted = md5 === undefined ? spec : { ...spec, md5 };
  const verdict = await context.dependencies.verifier.verify(wanted, path, context.signal, onBytes);
  if (verdict.status === 'wrong') return { status: 'wrong', ...verdict.failure };
  note(context, spec, { ...seen, ...verdict.seen, how: 'adopted' });
  return { status: 'right', how: 'adopted', size: seen.size };
}

async function fetchFile(
  context: FileContext,
  spec: FileSpec,
  onBytes: (bytes: number) => void,
): Promise<FileResult> {
  const { dependencies, folder, signal } = context;
  const target = fileName(spec.path);
  const left = context.listing.partials.get(target) ?? [];
  // Without a digest nothing would tell that two halves come from different files.
  const partial = await PartialFile.take(folder, target, left, dependencies.writer, spec.md5 !== undefined);
  try {
    const before = partial.size;
    const arrived = await transfer(partial, context.source, spec, {
      signal,
      onBytes,
      chunkBytes: dependencies.chunkBytes,
      ...(context.end === undefined ? {} : { end: context.end }),
      checkSpace: (bytes) => dependencies.space.check(context.storePath, bytes),
    });
    if (arrived.status === 'failed') {
      const { failure } = arrived;
      const isKept = await keepOrDiscard(context, partial, target, failure);
      const progressedBytes = isKept ? Math.max(0, partial.size - before) : 0;
      return { status: 'failed', fault: { ...failure, progressedBytes } };
    }
    if (context.end !== undefined) {
      await partial.sync();
      await partial.release();
      return { status: 'partial', size: partial.size };
    }
    const answer =
      arrived.status === 'whole'
        ? await partial.placeWhole(arrived.bytes, spec, dependencies.verifier)
        : await verifyAndPlace(context, partial, spec);
    if (answer.status === 'wrong') {
      return { status: 'failed', fault: { ...answer.failure, progressedBytes: 0 } };
    }
    const { verdict, placed } = answer;
    note(context, spec, { ...placed, ...verdict.seen, how: 'stored' });
    await removeAbandoned(folder, left, dependencies.writer);
    return { status: 'done', how: 'stored', size: placed.size };
  } catch (error) {
    await leave(context, partial, target);
    throw error;
  }
}

/** A file that came in several pieces lies there already; it may be large, so the verification can be stopped. */
async function verifyAndPlace(
  { dependencies, signal }: FileContext,
  partial: PartialFile,
  spec: FileSpec,
): Promise<Exclude<PlaceAnswer, { status: 'lost' }>> {
  const verdict = await dependencies.verifier.verify(spec, partial.path, signal);
  if (verdict.status === 'wrong') {
    await partial.discard();
    return verdict;
  }
  await partial.sync();
  return { status: 'placed', verdict, placed: await partial.promote() };
}

/** After a body that was too long or another range, what lies there is not a beginning of the file. */
async function keepOrDiscard(
  context: FileContext,
  partial: PartialFile,
  target: string,
  failure: SourceFailure,
): Promise<boolean> {
  const isWorthless = failure.reason === 'oversized-body' || failure.reason === 'range-mismatch';
  if (isWorthless) await partial.discard();
  else await leave(context, partial, target);
  return !isWorthless;
}

/** Leaves the bytes for whoever goes on; an attempt that overlapped may have stored the file meanwhile. */
async function leave(context: FileContext, partial: PartialFile, target: string): Promise<void> {
  const isNew = !context.listing.names.has(target);
  const isStored = isNew && (await lstatIfThere(join(context.folder, target))) !== undefined;
  await (isStored ? partial.discard() : partial.release());
}

/** Without a record, after a kill in the next milliseconds, the file is hashed again; it is never fetched again. */
function note(
  context: FileContext,
  spec: FileSpec,
  seen: Pick<VerificationRecord, 'size' | 'mtime' | 'md5' | 'pixelMd5' | 'how'>,
): void {
  const record = { file: spec.path, ...seen, run: context.run, at: new Date().toISOString() };
  const written = context.dependencies.verifiedLog.append(
    context.storePath,
    spec.kind,
    context.group,
    record,
  );
  // Awaited with all others; until then its failure is nobody's unhandled rejection.
  written.catch(() => {});
  context.notes.push(written);
}

/** The records are on the disk, or the reason why not is thrown. */
export async function notesWritten(notes: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(notes);
  } catch (error) {
    throw storeErrorFrom(error, 'verification records') ?? error;
  }
}

function failed(reason: FailureReason, detail: string): FileResult {
  return { status: 'failed', fault: { reason, detail, progressedBytes: 0 } };
}
