/*
 * What happens to one file of any kind: look whether it is right already, else make it beside its place, put it there,
 * note it. Failures are data; the only things thrown are the caller's abort and what concerns the whole folder
 * (StoreError, PartialLostError).
 */

import { join } from 'node:path';
import { type FileSpec, mostBytes } from '../../domain/dataset/file-spec.ts';
import { fileName } from '../../domain/dataset/plain-path.ts';
import { errorCode, StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import type { Swept } from '../../domain/run/progress.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { formatRecords, parseRecords } from '../../domain/tfrecord/damage.ts';
import type { RecordRange } from '../../domain/tfrecord/record-check.ts';
import type { SeenContent } from '../../domain/verify/compare-content.ts';
import { isKept, mustBeKept } from '../../domain/verify/passing-file.ts';
import {
  knownOf,
  originOf,
  type SeenRecord,
  type VerificationRecord,
} from '../../domain/verify/verification-record.ts';
import { inPlainNames } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { partialsOf } from '../partials/folder-survey.ts';
import { sweepPartials } from '../partials/left-partials.ts';
import type { Placed } from '../partials/partial-file.ts';
import type { VerifiedFiles } from '../records/verified-records.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import type { WriterProcess } from '../store/writer.ts';
import type { Verifier } from '../verify/verifier.ts';
import { verifyAlone } from '../verify/verify-alone.ts';
import { faultOfError } from './fault-of-error.ts';
import type { FileFolder, FileFolders } from './file-folders.ts';
import {
  type Fault,
  type FileFault,
  type FileMaker,
  type FileTools,
  failed,
  type Given,
} from './file-maker.ts';
import { acceptedOf, mayPassNow, seenOf, withHint } from './other-encoding.ts';
import { besideOwn, isInPlaceOfDataset, isOurs } from './own-files.ts';
import type { PendingRecords } from './pending-records.ts';
import { sameBytes } from './same-bytes.ts';

/** Where and for whom files are settled; the same for all files of a bundle. */
export interface Settling<Spec extends FileSpec> {
  readonly maker: FileMaker<Spec>;
  readonly verifier: Verifier;
  readonly writer: WriterProcess;
  readonly folders: FileFolders;
  readonly verified: VerifiedFiles;
  readonly records: PendingRecords;
  /** First Run Id. */
  readonly run: string;
  readonly request: Pick<RunRequest, 'trust' | 'fetch' | 'manifest' | 'align'>;
}

export type FileResult =
  | {
      readonly status: 'done';
      readonly how: 'already there' | 'adopted' | 'stored';
      readonly size: number;
      readonly isIdentical: boolean;
      /** Another encoding, taken by its pixels. */
      readonly isAccepted?: boolean;
      /** From its first byte to its last, and not only vouched for by a record. */
      readonly wasRead: boolean;
      /** Who gave it to this run. */
      readonly source?: string | undefined;
      readonly swept?: Swept | undefined;
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
    const folder = await folderOf(settling, spec);
    return await orFault(spec, tools, () => settle(settling, folder, spec, tools));
  } catch (error) {
    tools.signal.throwIfAborted();
    const told = inPlainNames(error);
    throw told instanceof StoreError ? finalBeforePlan(told, spec) : told;
  }
}

/** What the file system refuses of the file alone is the file's fault; `work` may be over with that. */
async function orFault<Result>(
  { path }: FileSpec,
  { signal }: FileTools,
  work: () => Promise<Result>,
): Promise<Result | { readonly status: 'failed'; readonly fault: FileFault }> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const { reason, detail } = faultOfError(inPlainNames(error), path);
    return failed(reason, detail);
  }
}

/** The folder concerns all of its files. */
async function folderOf<Spec extends FileSpec>({ folders }: Settling<Spec>, spec: Spec): Promise<FileFolder> {
  try {
    return await folders.of(spec);
  } catch (error) {
    throw storeErrorFrom(error, `store [file=${spec.path}]`) ?? error;
  }
}

/** Where not even the manifest and the licences fit, nobody waits for space: the run has not begun. */
function finalBeforePlan(failure: StoreError, { kind }: FileSpec): StoreError {
  if (failure.reason !== 'disk-full' || kinds[kind].form !== 'few-files') return failure;
  return new StoreError('too-little-space', failure.message, { cause: failure });
}

async function settle<Spec extends FileSpec>(
  settling: Settling<Spec>,
  folder: FileFolder,
  spec: Spec,
  tools: FileTools,
): Promise<FileResult> {
  const { maker, request, writer } = settling;
  const name = fileName(spec.path);
  const isListed = folder.names.has(name);
  const there = isListed ? await lookAt(settling, folder, spec, tools) : absent;
  if (there.status === 'right') {
    const swept = await sweepPartials(folder.path, name, partialsOf(folder, name), writer);
    return { ...finished(settling, spec, tools, there), swept };
  }
  if (there.status === 'barred') return failed(there.reason, there.detail);
  if (there.status === 'wrong' && !there.isOurs) return settleBeside(settling, folder, spec, tools, there);
  if (request.fetch === 'nothing') {
    return there.status === 'wrong'
      ? failed(there.reason, there.detail)
      : failed('not-on-disk', `${spec.path}: expected a file, got nothing`);
  }
  let noted: Promise<void> | undefined;
  const noteFirst = (seen: Placed & SeenContent & Given): Promise<void> => {
    noted = note(settling, spec, seen, 'stored');
    return noted;
  };
  const isNotedFirst = isPassing(settling, spec) || !isInPlaceOfDataset(spec, request);
  const asked = there.status === 'wrong' ? { ...tools, damaged: there.damaged } : tools;
  const made = await maker.make(spec, folder, isNotedFirst ? { ...asked, onVerified: noteFirst } : asked);
  if (made.status === 'failed' && !isListed) {
    // An attempt that overlaps may have made it since the folder was listed, and let go of what it was made of.
    const since = await lookAt(settling, folder, spec, tools);
    if (since.status === 'right') return finished(settling, spec, tools, since);
  }
  if (made.status !== 'placed') return made;
  const isNoted = noted ?? note(settling, spec, made.seen, 'stored');
  const swept = await sweepPartials(folder.path, name, partialsOf(folder, name), writer);
  const difference = maker.difference?.(spec, made.seen);
  if (difference !== undefined) return failed(difference.reason, difference.detail);
  const { size, source } = made.seen;
  const told = { noted: () => isNoted, ...acceptedOf(made.seen) };
  const right: Right = { how: 'stored', size, wasRead: true, source, ...told };
  return { ...finished(settling, spec, tools, right), swept };
}

/** The user's own file keeps its place: see own-files.ts. */
async function settleBeside<Spec extends FileSpec>(
  settling: Settling<Spec>,
  folder: FileFolder,
  spec: Spec,
  tools: FileTools,
  { isUnknown }: Wrong,
): Promise<FileResult> {
  const path = besideOwn(spec.path);
  if (path === undefined) {
    const { maker, request } = settling;
    const again =
      isUnknown && request.fetch === 'missing' ? await maker.makeAgain?.(spec, folder, tools) : undefined;
    if (again?.status === 'no-room') return again;
    if (again?.status === 'placed') {
      const noted = note(settling, spec, again.seen, 'adopted');
      const { size } = again.seen;
      return finished(settling, spec, tools, { how: 'adopted', size, wasRead: true, noted: () => noted });
    }
    const how =
      isUnknown && request.fetch === 'nothing'
        ? ': if a run of another key or of a version before made it, the command of that run adopts it'
        : '';
    return failed(
      'not-ours',
      `${spec.path}: expected this program's file or none, got another, which is kept${how}`,
    );
  }
  const beside = { ...spec, path };
  const result = await settle(settling, folder, beside, tools);
  if (result.status !== 'done' || spec.md5 !== undefined) return result;
  // Without a published digest only now it shows that the user's own file is this very text.
  const own = join(folder.path, fileName(spec.path));
  const ours = join(folder.path, fileName(path));
  const same = await sameBytes(own, ours);
  if (same === undefined) return result;
  await note(settling, spec, same, 'adopted');
  await removeFile(ours);
  return { ...result, how: 'adopted' };
}

interface Right extends Pick<SeenContent, 'accepted'> {
  readonly how: 'already there' | 'adopted' | 'stored';
  readonly size: number;
  readonly wasRead: boolean;
  readonly source?: string | undefined;
  /** Sees to it that its record outlives a power failure, where its maker has records synced. */
  readonly noted: () => Promise<void>;
}

type Look =
  | { readonly status: 'absent' }
  | ({ readonly status: 'right' } & Right)
  | ({ readonly status: 'barred' } & Fault)
  | Wrong;

type Wrong = {
  readonly status: 'wrong';
  /** Another file may take its place. */
  readonly isOurs: boolean;
  /** Nothing tells what it should be. */
  readonly isUnknown?: boolean;
  /** Of a file of records: the damaged ones, where the others are right. */
  readonly damaged?: readonly RecordRange[] | undefined;
} & Fault;

const absent: Look = { status: 'absent' };

async function lookAt<Spec extends FileSpec>(
  settling: Settling<Spec>,
  folder: FileFolder,
  spec: Spec,
  tools: FileTools,
): Promise<Look> {
  const { signal, onBytes, inHand } = tools;
  const { maker, request, run } = settling;
  const name = fileName(spec.path);
  const path = join(folder.path, name);
  const info = await lstatIfThere(path);
  if (info === undefined) return absent;
  if (!info.isFile()) {
    const kind = info.isSymbolicLink() ? 'a symbolic link' : 'something else';
    return {
      status: 'barred',
      reason: 'unsafe-path',
      detail: `${spec.path}: expected a regular file, got ${kind}`,
    };
  }
  const seen = onDisk(info);
  const touched = String(info.ctimeNs);
  const records = settling.verified.get(spec.path);
  // Under `contents` only this run's own look counts: that is how a killed `verify` goes on where it was.
  const mayCount = (known: { readonly run: string }) => request.trust === 'records' || known.run === run;
  const record = maker.vouching(spec, records, seen);
  if (record && mayCount(record)) {
    if (mustBeKept(record, request)) void note(settling, spec, { ...seen, ...seenOf(record) }, 'adopted');
    const how = record.run === run && record.how !== 'discarded' ? record.how : 'already there';
    // Whoever wrote it may not have waited for the disk.
    const noted = () => settling.records.add(record, settling.verified, { sync: true });
    const told = { source: record.source, noted, ...acceptedOf(record) };
    return { status: 'right', how, size: seen.size, wasRead: false, ...told };
  }
  const known = knownOf(records, seen);
  const wrong = ({ reason, detail }: Fault, ranges?: readonly RecordRange[]): Wrong => ({
    status: 'wrong',
    isOurs: isOurs(spec, request, records, seen),
    damaged: ranges,
    reason,
    detail,
  });
  const isStill = known?.how === 'damaged' && !mayPassNow(spec, known.reason) && known.touched === touched;
  if (isStill && mayCount(known)) return wrong(known, parseRecords(known.records));
  const damaged = ({ reason, detail }: Fault, ranges: readonly RecordRange[] = []): Look => {
    const which = ranges.length === 0 ? {} : { records: formatRecords(ranges) };
    void settling.records.add(
      { file: spec.path, ...seen, how: 'damaged', reason, detail, touched, ...which },
      settling.verified,
    );
    return wrong({ reason, detail }, ranges);
  };
  const wanted = maker.wanted(spec, records);
  if ('unknown' in wanted)
    return { ...wrong({ reason: 'not-on-disk', detail: wanted.unknown }), isUnknown: true };
  // Before it is read: what holds nothing may be of any size.
  const most = mostBytes(spec);
  if (seen.size > most)
    return wrong(
      withHint(spec, request, {
        reason: 'wrong-size',
        detail: `${spec.path}: expected at most ${most} bytes, got ${seen.size}`,
      }),
    );
  const verdict = await orFault(spec, tools, () =>
    undefinedIfGone(
      inHand((alone) => (alone ? verifyAlone : settling.verifier).verify(wanted, path, signal, onBytes)),
    ),
  );
  if (verdict === undefined) return absent;
  if (verdict.status === 'failed') {
    const { fault } = verdict;
    // Bytes that nobody can read are as good as wrong ones. What may not be read is let be.
    return fault.reason === 'unreadable' ? damaged(fault) : { ...fault, status: 'barred' };
  }
  if (verdict.status === 'wrong') return damaged(withHint(spec, request, verdict.failure), verdict.damaged);
  const difference = maker.difference?.(spec, verdict.seen);
  // It is whole, and serves whoever asks for less.
  if (difference?.reason === 'different-file') return wrong(difference);
  if (difference !== undefined) return damaged(difference);
  // Nothing told what it should be: it may be anybody's.
  if (!isCompared(wanted))
    return { status: 'right', how: 'already there', size: seen.size, wasRead: true, noted: async () => {} };
  const noted = note(settling, spec, { ...seen, ...verdict.seen }, 'adopted', known);
  const found = { how: 'adopted', size: seen.size, wasRead: true, ...acceptedOf(verdict.seen) } as const;
  return { status: 'right', ...found, noted: () => noted };
}

function isCompared({ md5, pixels }: FileSpec): boolean {
  return md5 !== undefined || pixels !== undefined;
}

/** Somebody took the file away since it was looked at. */
async function undefinedIfGone<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Is it to go once it has served? What a run kept that did not mean it to go stays, also when it is repaired. */
function isPassing<Spec extends FileSpec>(
  { maker, request, verified }: Settling<Spec>,
  { path }: Spec,
): boolean {
  return maker.isPassing === true && !(request.trust === 'contents' && isKept(verified.get(path)));
}

function note<Spec extends FileSpec>(
  settling: Settling<Spec>,
  spec: Spec,
  seen: Placed & SeenContent & Given,
  how: SeenRecord['how'],
  before?: VerificationRecord,
): Promise<void> {
  const { records, maker, verified, request } = settling;
  const recipe = maker.recipe?.(spec);
  // Looking again at what was fetched to go changes nothing of that.
  const wasPassing = before !== undefined && before.how !== 'damaged' && before.passing === true;
  const stays = wasPassing && (maker.isPassing === true || request.fetch === 'nothing');
  const passing = (how === 'stored' && isPassing(settling, spec)) || stays ? { passing: true as const } : {};
  const from = originOf(spec);
  const source = before?.how === 'damaged' ? undefined : before?.source;
  const record = {
    ...(source === undefined ? {} : { source }),
    ...{ file: spec.path, ...seen, how, ...passing },
    ...(recipe === undefined ? {} : { recipe }),
    ...(from === undefined ? {} : { from }),
  };
  // Where nothing but the record says whose file it is, a power cut must not leave the one without the other.
  const sync = maker.syncsRecords === true || !isInPlaceOfDataset(spec, request);
  return records.add(record, verified, { sync });
}

function finished<Spec extends FileSpec>(
  { maker, records, request }: Settling<Spec>,
  spec: Spec,
  tools: FileTools,
  { how, size, wasRead, source, noted, accepted }: Right,
): FileResult & { readonly status: 'done' } {
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
    ...(accepted === undefined ? {} : { isAccepted: true }),
    wasRead,
    source,
  };
}
