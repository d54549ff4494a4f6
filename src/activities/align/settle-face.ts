/*
 * What happens to one face: look whether its picture is right already, else align it beside its place in a thread, put
 * it in place, note it, and let go of the original where that was asked for.
 */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AlignSpec, alignedBytes, isCrop, OUTPUT_SIZE } from '../../domain/align/align-spec.ts';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Folder, Md5 } from '../../domain/dataset/ids.ts';
import { ownedPartial } from '../../domain/dataset/layout.ts';
import type { FailureReason } from '../../domain/failure/outcome.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { AlignRequest, RunRequest } from '../../domain/run/request.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { BundleHands } from '../fetch/bundle-attempt.ts';
import type { FileResult } from '../fetch/settle-file.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { type FolderSurvey, removeAbandoned } from '../store/partial-file.ts';
import { fileName } from '../store/safe-folder.ts';
import type { VerifiedFiles } from '../store/verified-records.ts';
import { differenceOf, recipeOf, recordOfDone } from './recipe.ts';
import type { AlignPool } from './threads/align-pool.ts';
import type { AlignTask } from './threads/align-task.ts';

/** A face as bundles count it: `path` is the aligned picture's, relative to OUT. */
export type FaceSpec = FileSpec & { readonly face: AlignSpec; readonly size: number };

/** Where and for whom faces are aligned; the same for all of one folder. */
export interface FaceContext {
  readonly dependencies: ActivityDependencies;
  readonly pool: AlignPool;
  readonly storePath: string;
  readonly run: string;
  readonly request: Pick<RunRequest, 'trust' | 'fetch'>;
  readonly align: AlignRequest;
  /** Holds the originals' paths. */
  readonly originals: string;
  /** Of the records and of the originals that this run fetched. */
  readonly folder: Folder;
  /** Absolute, checked for symbolic links; of this face's aligned picture. */
  readonly outputFolder: string;
  readonly listing: FolderSurvey;
  readonly verified: VerifiedFiles;
  /** Of the originals, where they may be discarded. */
  readonly verifiedOriginals: VerifiedFiles;
}

/** How bundles see a face. */
export function faceSpec(face: AlignSpec, { folder }: AlignRequest): FaceSpec {
  const path = `${folder}/${face.output}`;
  return { kind: 'align', key: String(face.id), url: '', path, size: alignedBytes(face), face };
}

export async function settleFace(
  context: FaceContext,
  spec: FaceSpec,
  hands: BundleHands,
): Promise<FileResult> {
  try {
    return (await lookAt(context, spec, hands)) ?? (await alignFace(context, spec, hands));
  } catch (error) {
    hands.signal.throwIfAborted();
    throw storeErrorFrom(error, `store [file=${spec.path}]`) ?? error;
  }
}

/** Undefined: it must be aligned. */
async function lookAt(
  context: FaceContext,
  spec: FaceSpec,
  hands: BundleHands,
): Promise<FileResult | undefined> {
  const { face } = spec;
  const { request, align, run } = context;
  const path = join(context.outputFolder, fileName(spec.path));
  const info = await lstatIfThere(path);
  const isOnlyLooking = request.fetch === 'nothing';
  if (info === undefined) {
    return isOnlyLooking ? failed('not-on-disk', `${spec.path}: expected a file, got nothing`) : undefined;
  }
  if (!info.isFile()) {
    const got = info.isSymbolicLink() ? 'a symbolic link' : 'something else';
    return failed('unsafe-path', `${spec.path}: expected a regular file, got ${got}`);
  }
  const seen = onDisk(info);
  const records = context.verified.get(spec.path);
  const done = recordOfDone(face, align, records, seen);
  if (done && (request.trust === 'records' || done.run === run)) {
    return {
      ...settled(spec, done.run === run && done.how !== 'discarded' ? done.how : 'already there'),
    };
  }
  const wanted = wantedContent(context, spec);
  if (wanted === undefined) {
    return isOnlyLooking
      ? failed('not-on-disk', `${spec.path}: expected a picture made by these options, got another`)
      : undefined;
  }
  const verdict = await context.dependencies.verifier.verify(wanted, path, hands.signal);
  if (verdict.status === 'wrong') {
    return isOnlyLooking ? failed(verdict.failure.reason, verdict.failure.detail) : undefined;
  }
  const differs = differenceOf(face, align, verdict.seen);
  if (differs !== undefined) return isOnlyLooking ? failed(differs, differs) : undefined;
  note(context, spec, hands, { ...seen, ...verdict.seen, how: 'adopted' });
  return settled(spec, 'adopted');
}

/** What is known of the aligned picture's bytes: published, or noted when it was made. */
function wantedContent({ align, verified }: FaceContext, spec: FaceSpec): FileSpec | undefined {
  const { kind, key, url, path, face } = spec;
  const recipe = recipeOf(face, align);
  const record = verified.get(path)?.findLast((known) => known.recipe === recipe);
  const pixelMd5 = face.expected?.pixelMd5 ?? record?.pixelMd5;
  if (pixelMd5 === undefined) return undefined;
  const pixels = { width: OUTPUT_SIZE, height: OUTPUT_SIZE, md5: pixelMd5 };
  return { kind, key, url, path, pixels };
}

async function alignFace(context: FaceContext, spec: FaceSpec, hands: BundleHands): Promise<FileResult> {
  const { face } = spec;
  const { dependencies, align } = context;
  if (!isCrop(face.crop)) return failed(face.crop.reason, face.crop.detail);
  await dependencies.space.check(context.storePath, spec.size);
  const target = fileName(spec.path);
  const writer = dependencies.writer.beginAttempt();
  const output = join(context.outputFolder, ownedPartial(target, writer));
  try {
    const task: AlignTask = {
      original: { ...face.original, path: join(context.originals, face.original.path) },
      crop: face.crop,
      enablePadding: align.options.enablePadding,
      fileIdentical: align.fileIdentical,
      output,
    };
    const answer = await context.pool.align(task, hands.signal);
    if (answer.status === 'failed') {
      const { reason, detail } = answer.failure;
      return failed(reason, `${face.original.path}: ${detail}`);
    }
    if (answer.status === 'refused') {
      throw Object.assign(new Error(answer.message), { code: answer.code });
    }
    await rename(output, join(context.outputFolder, target));
    const info = await lstatIfThere(join(context.outputFolder, target));
    if (info === undefined) throw new Error(`${spec.path}: expected the file just put in place, got nothing`);
    const { md5, pixelMd5 } = answer;
    note(context, spec, hands, { ...onDisk(info), md5, pixelMd5, how: 'stored' });
    await removeAbandoned(
      context.outputFolder,
      context.listing.partials.get(target) ?? [],
      dependencies.writer,
    );
    const differs = differenceOf(face, align, { md5, pixelMd5 });
    if (differs !== undefined) return failed(differs, differenceText(spec, differs, { md5, pixelMd5 }));
    if (align.discardOriginals && face.expected) await discardOriginal(context, face, hands);
    return settled(spec, 'stored');
  } finally {
    dependencies.writer.endAttempt(writer);
    await rm(output, { force: true });
  }
}

/** Never one that was there before the run: only this run's own record says that it fetched it. */
async function discardOriginal(context: FaceContext, face: AlignSpec, hands: BundleHands): Promise<void> {
  const { dependencies, storePath, run, folder } = context;
  const path = join(storePath, face.original.path);
  const info = await lstatIfThere(path);
  if (!info?.isFile()) return;
  const seen = onDisk(info);
  const record = context.verifiedOriginals
    .get(face.original.path)
    ?.findLast(({ size, mtime }) => size === seen.size && mtime === seen.mtime);
  if (record?.how !== 'stored' || record.run !== run) return;
  // Noted first: a record without the deed is made good by the next look, a deed without a record fetches it again.
  await dependencies.verifiedLog.append(storePath, 'wilds', folder, {
    ...record,
    how: 'discarded',
    at: new Date().toISOString(),
  });
  hands.signal.throwIfAborted();
  await rm(path, { force: true });
}

function note(
  context: FaceContext,
  spec: FaceSpec,
  hands: BundleHands,
  seen: Pick<VerificationRecord, 'size' | 'mtime' | 'md5' | 'pixelMd5' | 'how'>,
): void {
  const { dependencies, storePath, folder, run, align } = context;
  const record: VerificationRecord = {
    file: spec.path,
    ...seen,
    recipe: recipeOf(spec.face, align),
    run,
    at: new Date().toISOString(),
  };
  const written = dependencies.verifiedLog.append(storePath, 'align', folder, record);
  // Awaited with all others; until then its failure is nobody's unhandled rejection.
  written.catch(() => {});
  hands.notes.push(written);
}

function settled(spec: FaceSpec, how: 'already there' | 'adopted' | 'stored'): FileResult {
  return { status: 'done', how, size: spec.size, isIdentical: spec.face.expected !== undefined };
}

function differenceText(
  { path, face }: FaceSpec,
  reason: 'different' | 'different-file',
  got: { readonly md5: Md5; readonly pixelMd5: Md5 },
): string {
  return reason === 'different'
    ? `${path}: expected pixel MD5 ${face.expected?.pixelMd5}, got ${got.pixelMd5}`
    : `${path}: expected file MD5 ${face.expected?.md5}, got ${got.md5}`;
}

function failed(reason: FailureReason, detail: string): FileResult {
  return { status: 'failed', fault: { reason, detail, progressedBytes: 0 } };
}
