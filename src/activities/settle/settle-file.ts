/*
 * What happens to one file of any kind: look whether it is right already, else make it beside its place, put it there,
 * note it. Failures are data; the only things thrown are the caller's abort and what concerns the whole folder
 * (StoreError, PartialLostError).
 */

import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import type { Swept } from '../../domain/run/progress.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import { knownOf, type SeenRecord } from '../../domain/verify/verification-record.ts';
import type { VerifiedFiles } from '../records/verified-records.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { partialsOf } from '../store/folder-survey.ts';
import { sweepPartials } from '../store/left-partials.ts';
import type { Placed } from '../store/partial-file.ts';
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
      readonly swept?: Swept | undefined;
    }
  | { readonly status: 'partial'; readonly size: number }
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
  const name = fileName(spec.path);
  const isListed = folder.names.has(name);
  const there = isListed ? await lookAt(settling, folder, spec, tools) : absent;
  if (there.status === 'right') {
    const swept = await sweepPartials(folder.path, name, partialsOf(folder, name), writer);
    return { ...done(settling, spec, there.how, there.size), swept };
  }
  if (there.status === 'unsafe') return failed('unsafe-path', there.detail);
  if (request.fetch === 'nothing') {
    return there.status === 'wrong'
      ? failed(there.reason, there.detail)
      : failed('not-on-disk', `${spec.path}: expected a file, got nothing`);
  }
  const made = await maker.make(spec, folder, tools);
  if (made.status === 'failed' && !isListed) {
    // An attempt that overlaps may have made it since the folder was listed, and let go of what it was made of.
    const since = await lookAt(settling, folder, spec, tools);
    if (since.status === 'right') return done(settling, spec, since.how, since.size);
  }
  if (made.status !== 'placed') return made;
  note(settling, spec, made.seen, 'stored');
  const swept = await sweepPartials(folder.path, name, partialsOf(folder, name), writer);
  const difference = maker.difference?.(spec, made.seen);
  if (difference !== undefined) return failed(difference.reason, difference.detail);
  await maker.finish?.(spec, tools);
  return { ...done(settling, spec, 'stored', made.seen.size), swept };
}

type Look =
  | { readonly status: 'absent' }
  | { readonly status: 'right'; readonly how: 'already there' | 'adopted' | 'stored'; readonly size: number }
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
  // Under `contents` only this run's own look counts: that is how a killed `verify` goes on where it was.
  const mayCount = (known: { readonly run: string }) => request.trust === 'records' || known.run === run;
  const record = maker.vouching(spec, records, seen);
  if (record && mayCount(record)) {
    const how = record.run === run && record.how !== 'discarded' ? record.how : 'already there';
    return { status: 'right', how, size: seen.size };
  }
  const known = knownOf(records, seen);
  if (known?.how === 'damaged' && mayCount(known)) {
    return { status: 'wrong', reason: known.reason, detail: known.detail };
  }
  const wanted = maker.wanted(spec, records);
  if ('unknown' in wanted) return { status: 'wrong', reason: 'not-on-disk', detail: wanted.unknown };
  const verdict = await settling.verifier.verify(wanted, path, signal, onBytes);
  const fault = verdict.status === 'wrong' ? verdict.failure : maker.difference?.(spec, verdict.seen);
  if (fault !== undefined) {
    settling.records.add({ file: spec.path, ...seen, how: 'damaged', ...fault }, settling.verified);
    return { status: 'wrong', ...fault };
  }
  if (verdict.status === 'right') note(settling, spec, { ...seen, ...verdict.seen }, 'adopted');
  return { status: 'right', how: 'adopted', size: seen.size };
}

function note<Spec extends FileSpec>(
  { records, maker, verified }: Settling<Spec>,
  spec: Spec,
  seen: Placed & SeenContent,
  how: SeenRecord['how'],
): void {
  const recipe = maker.recipe?.(spec);
  records.add({ file: spec.path, ...seen, how, ...(recipe === undefined ? {} : { recipe }) }, verified);
}

function done<Spec extends FileSpec>(
  { maker }: Settling<Spec>,
  spec: Spec,
  how: 'already there' | 'adopted' | 'stored',
  size: number,
): FileResult & { readonly status: 'done' } {
  // What was planned for it, so that figures add up; a file of unknown size counts as it is.
  return {
    status: 'done',
    how,
    size: spec.size ?? size,
    isIdentical: maker.isIdentical?.(spec) ?? false,
  };
}
