/*
 * What happens to one file of any kind: look whether it is right already, else make it beside its place, put it there,
 * note it. Failures are data; the only things thrown are the caller's abort and what concerns the whole folder
 * (StoreError, PartialLostError).
 */

import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { VerifiedFiles } from '../records/verified-records.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { type Placed, removeAbandoned } from '../store/partial-file.ts';
import { fileName } from '../store/safe-folder.ts';
import type { WriterProcess } from '../store/writer.ts';
import type { VerifyThreads } from '../verify/verify-threads.ts';
import type { FileFolder, FileFolders } from './file-folders.ts';
import { type Fault, type FileFault, type FileMaker, type FileTools, failed } from './file-maker.ts';
import type { PendingRecords } from './pending-records.ts';

/** Where and for whom files are settled; the same for all files of a bundle. */
export interface Settling<Spec extends FileSpec> {
  readonly maker: FileMaker<Spec>;
  readonly verifier: VerifyThreads;
  readonly writer: WriterProcess;
  readonly folders: FileFolders;
  readonly verified: VerifiedFiles;
  readonly records: PendingRecords;
  /** First Run Id. */
  readonly run: string;
  readonly request: Pick<RunRequest, 'trust' | 'fetch'>;
}

export type FileResult =
  | {
      readonly status: 'done';
      readonly how: 'already there' | 'adopted' | 'stored';
      readonly size: number;
      readonly isIdentical: boolean;
    }
  | { readonly status: 'partial'; readonly size: number }
  | { readonly status: 'no-room' }
  | { readonly status: 'failed'; readonly fault: FileFault };

export async function settleFile<Spec extends FileSpec>(
  settling: Settling<Spec>,
  spec: Spec,
  tools: FileTools,
): Promise<FileResult> {
  try {
    return await settle(settling, spec, tools);
  } catch (error) {
    tools.signal.throwIfAborted();
    const failure = storeErrorFrom(error, `store [file=${spec.path}]`);
    throw failure === undefined ? error : finalBeforePlan(failure, spec);
  }
}

/** Where not even the manifest and the licences fit, nobody waits for space: the run has not begun. */
function finalBeforePlan(failure: StoreError, { kind }: FileSpec): StoreError {
  if (failure.reason !== 'disk-full' || kinds[kind].form !== 'few-files') return failure;
  return new StoreError('too-little-space', failure.message, { cause: failure });
}

async function settle<Spec extends FileSpec>(
  settling: Settling<Spec>,
  spec: Spec,
  tools: FileTools,
): Promise<FileResult> {
  const { maker, request, writer } = settling;
  const folder = await settling.folders.of(spec);
  const isListed = folder.names.has(fileName(spec.path));
  const there = isListed ? await lookAt(settling, folder, spec, tools) : absent;
  if (there.status === 'right') return finished(settling, spec, tools, there);
  if (there.status === 'unsafe') return failed('unsafe-path', there.detail);
  if (request.fetch === 'nothing') {
    return there.status === 'wrong'
      ? failed(there.reason, there.detail)
      : failed('not-on-disk', `${spec.path}: expected a file, got nothing`);
  }
  const noteFirst = (seen: Placed & SeenContent) => note(settling, spec, seen, 'stored');
  const made = await maker.make(spec, folder, maker.isPassing ? { ...tools, onVerified: noteFirst } : tools);
  if (made.status === 'failed' && !isListed) {
    // An attempt that overlaps may have made it since the folder was listed, and let go of what it was made of.
    const since = await lookAt(settling, folder, spec, tools);
    if (since.status === 'right') return finished(settling, spec, tools, since);
  }
  if (made.status !== 'placed') return made;
  const noted = maker.isPassing ? Promise.resolve() : note(settling, spec, made.seen, 'stored');
  await removeAbandoned(folder.path, folder.partials.get(fileName(spec.path)) ?? [], writer);
  const difference = maker.difference?.(spec, made.seen);
  if (difference !== undefined) return failed(difference.reason, difference.detail);
  return finished(settling, spec, tools, {
    how: 'stored',
    size: made.seen.size,
    noted: () => noted,
  });
}

interface Right {
  readonly how: 'already there' | 'adopted' | 'stored';
  readonly size: number;
  /** Sees to it that its record outlives a power failure, where its maker has records synced. */
  readonly noted: () => Promise<void>;
}

type Look =
  | { readonly status: 'absent' }
  | ({ readonly status: 'right' } & Right)
  | { readonly status: 'unsafe'; readonly detail: string }
  | ({ readonly status: 'wrong' } & Fault);

const absent: Look = { status: 'absent' };

async function lookAt<Spec extends FileSpec>(
  settling: Settling<Spec>,
  folder: FileFolder,
  spec: Spec,
  { signal, onBytes }: FileTools,
): Promise<Look> {
  const { maker, request, run } = settling;
  const name = fileName(spec.path);
  const path = join(folder.path, name);
  const info = await lstatIfThere(path);
  if (info === undefined) return absent;
  if (!info.isFile()) {
    const kind = info.isSymbolicLink() ? 'a symbolic link' : 'something else';
    return { status: 'unsafe', detail: `${spec.path}: expected a regular file, got ${kind}` };
  }
  const seen = onDisk(info);
  const records = settling.verified.get(spec.path);
  const record = maker.vouching(spec, records, seen);
  // Under `contents` only this run's own look counts: that is how a killed `verify` goes on where it was.
  if (record && (request.trust === 'records' || record.run === run)) {
    const how = record.run === run && record.how !== 'discarded' ? record.how : 'already there';
    // Whoever wrote it may not have waited for the disk.
    const noted = () => settling.records.add(record, { sync: true });
    return { status: 'right', how, size: seen.size, noted };
  }
  const wanted = maker.wanted(spec, records);
  if ('unknown' in wanted) return { status: 'wrong', reason: 'not-on-disk', detail: wanted.unknown };
  const verdict = await settling.verifier.verify(wanted, path, signal, onBytes);
  if (verdict.status === 'wrong') return { status: 'wrong', ...verdict.failure };
  const difference = maker.difference?.(spec, verdict.seen);
  if (difference !== undefined) return { status: 'wrong', ...difference };
  const noted = note(settling, spec, { ...seen, ...verdict.seen }, 'adopted');
  return { status: 'right', how: 'adopted', size: seen.size, noted: () => noted };
}

function note<Spec extends FileSpec>(
  { records, maker }: Settling<Spec>,
  spec: Spec,
  seen: Placed & SeenContent,
  how: VerificationRecord['how'],
): Promise<void> {
  const recipe = maker.recipe?.(spec);
  const passing = maker.isPassing && how === 'stored' ? { passing: true as const } : {};
  const record = { file: spec.path, ...seen, how, ...passing, ...(recipe === undefined ? {} : { recipe }) };
  return records.add(record, { sync: maker.syncsRecords ?? false });
}

function finished<Spec extends FileSpec>(
  { maker, records, request }: Settling<Spec>,
  spec: Spec,
  tools: FileTools,
  { how, size, noted }: Right,
): FileResult {
  if (request.fetch !== 'nothing' && maker.finish) {
    const rest = maker.finish(spec, tools, noted).catch((error: unknown) => {
      throw storeErrorFrom(error, `store [file=${spec.path}]`) ?? error;
    });
    records.hold(rest);
  }
  // What was planned for it, so that figures add up; a file of unknown size counts as it is.
  return {
    status: 'done',
    how,
    size: spec.size ?? size,
    isIdentical: maker.isIdentical?.(spec) ?? false,
  };
}
