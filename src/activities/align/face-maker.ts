/*
 * How one face comes into being: cut out of its original in a thread, put in place, and its original let go where that
 * was asked for.
 */

import { join } from 'node:path';
import { type AlignSpec, alignedBytes, isCrop, OUTPUT_SIZE } from '../../domain/align/align-spec.ts';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { differenceOf, isMadeBy, recipeOf, recordOfDone } from '../../domain/verify/recipe.ts';
import type { SeenRecord, VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { inPlainNames, plainly } from '../folders/held-folder.ts';
import { PartialFile, type Placed } from '../partials/partial-file.ts';
import type { FileFolder } from '../settle/file-folders.ts';
import { type Fault, type FileMaker, type FileTools, failed, type Made } from '../settle/file-maker.ts';
import { sameBytes } from '../settle/same-bytes.ts';
import { findSafeFolder } from '../store/safe-folder.ts';
import type { OriginalsToGo } from './original-to-go.ts';
import { alignAlone } from './threads/align-alone.ts';
import type { AlignPool } from './threads/align-pool.ts';
import type { AlignTask } from './threads/align-task.ts';

/** A face as bundles count it: `path` is the aligned picture's, relative to OUT. */
export type FaceSpec = FileSpec & { readonly face: AlignSpec; readonly size: number };

/** How bundles see a face. */
export function faceSpec(face: AlignSpec, { folder }: AlignRequest): FaceSpec {
  const path = `${folder}/${face.output}`;
  return { kind: 'align', key: String(face.id), url: '', path, size: alignedBytes(face), face };
}

/** What lies in an original's place, of the pixels that were promised. */
export interface AcceptedOriginal {
  readonly size: number;
  readonly md5: Md5;
}

/** What the faces of one folder have in common. */
export interface FaceSetting {
  readonly pool: AlignPool;
  readonly align: AlignRequest;
  /** Holds the originals' paths. */
  readonly originals: string;
  /** Originals that were taken by their pixels, by path. */
  readonly accepted: ReadonlyMap<string, AcceptedOriginal>;
  /** Where originals may be discarded. */
  readonly toGo: OriginalsToGo | undefined;
}

/** Makes aligned pictures. */
export class FaceMaker implements FileMaker<FaceSpec> {
  readonly #scope: ActivityScope;
  readonly #setting: FaceSetting;

  constructor(scope: ActivityScope, setting: FaceSetting) {
    this.#scope = scope;
    this.#setting = setting;
  }

  get syncsRecords(): boolean {
    return this.#setting.toGo !== undefined;
  }

  vouching({ face }: FaceSpec, records: readonly VerificationRecord[] | undefined, seen: Placed) {
    return recordOfDone(face, this.#setting.align, records, seen);
  }

  /** What is known of the aligned picture's bytes: published, or noted when it was made. */
  wanted(spec: FaceSpec, records: readonly VerificationRecord[] | undefined) {
    const { kind, key, url, path, face } = spec;
    const record = records?.findLast(
      (known): known is SeenRecord => known.how !== 'damaged' && isMadeBy(known, face, this.#setting.align),
    );
    const md5 = face.expected?.pixelMd5 ?? record?.pixelMd5;
    if (md5 === undefined) {
      return { unknown: `${path}: expected a picture made by these options, got another` };
    }
    const pixels = { width: OUTPUT_SIZE, height: OUTPUT_SIZE, md5 };
    // Where no published file tells whether it is Pillow's, the note of when it was made does.
    const isTold = this.#setting.align.fileIdentical && face.expected === undefined && record !== undefined;
    return { kind, key, url, path, pixels, ...(isTold ? { md5: record.md5 } : {}) };
  }

  make(spec: FaceSpec, folder: FileFolder, tools: FileTools): Promise<Made> {
    const { onVerified } = tools;
    return this.#made(spec, folder, tools, async (partial, seen) => {
      const before = onVerified && ((placed: Placed) => onVerified({ ...placed, ...seen }));
      return { status: 'placed', seen: { ...(await partial.promote(before)), ...seen } };
    });
  }

  /** It may have been made by this very recipe, by another key or a version before: whose records say nothing. */
  makeAgain(spec: FaceSpec, folder: FileFolder, tools: FileTools): Promise<Made> {
    return this.#made(spec, folder, tools, async (partial, { pixelMd5 }) => {
      const same = await sameBytes(join(folder.path, fileName(spec.path)), partial.path);
      if (same !== undefined) return { status: 'placed', seen: { ...same, pixelMd5 } };
      return failed('not-ours', `${spec.path}: expected a picture made by these options, got another`);
    });
  }

  /** @param whole what becomes of the picture, which is verified and on the disk */
  async #made(
    spec: FaceSpec,
    folder: FileFolder,
    { signal, inHand }: FileTools,
    whole: (partial: PartialFile, seen: { readonly md5: Md5; readonly pixelMd5: Md5 }) => Promise<Made>,
  ): Promise<Made> {
    const { face } = spec;
    const { align, pool, toGo } = this.#setting;
    const { dependencies, storePath } = this.#scope;
    if (!isCrop(face.crop)) return failed(face.crop.reason, face.crop.detail);
    const { space } = dependencies;
    await (toGo ? space.checkFreeing(storePath, spec.size) : space.check(storePath, spec.size));
    const { writer } = dependencies;
    const partial = await PartialFile.take(folder.path, fileName(spec.path), [], writer, {
      resumes: false,
    });
    try {
      const { crop, expected } = face;
      const { enablePadding } = align.options;
      const published = expected && { published: expected.pixelMd5 };
      const answer = await this.#withOriginal(face, (original) => {
        const task = {
          ...{ original, crop, enablePadding, fileIdentical: align.fileIdentical, output: partial.path },
          ...published,
        };
        return inHand((alone) => (alone ? alignAlone(task, signal) : pool.align(task, signal)));
      });
      if (answer.status === 'failed') {
        const { reason, detail } = answer.failure;
        return failed(reason, `${face.original.path}: ${detail}`);
      }
      if (answer.status === 'refused') {
        const { status: _, message, ...noted } = answer;
        throw Object.assign(new Error(`${face.original.path}: ${message}`), noted);
      }
      const { md5, pixelMd5 } = answer;
      return await whole(partial, { md5, pixelMd5 });
    } finally {
      await partial.discard();
    }
  }

  /** Reached like every file of the dataset folder, or as the user has put it elsewhere. */
  async #withOriginal<Result>(
    face: AlignSpec,
    work: (original: AlignTask['original']) => Promise<Result>,
  ): Promise<Result> {
    const { align, originals, accepted } = this.#setting;
    const original = { ...face.original, ...accepted.get(face.original.path) };
    plainly(originals, original.path);
    const there = { ...original, path: join(originals, original.path) };
    if (align.sourceDir !== undefined) return work({ ...there, mayBeLink: true });
    const folder = await findSafeFolder(originals, folderName(original.path));
    if (folder === undefined) return work({ ...there, mayBeLink: false });
    try {
      return await work({
        ...original,
        path: join(folder.path, fileName(original.path)),
        mayBeLink: false,
      });
    } catch (error) {
      throw inPlainNames(error);
    } finally {
      await folder.release();
    }
  }

  difference(
    { path, face }: FaceSpec,
    seen: { readonly md5: Md5; readonly pixelMd5?: Md5 },
  ): Fault | undefined {
    const reason = differenceOf(face, this.#setting.align, seen);
    if (reason === undefined) return undefined;
    const detail =
      reason === 'different'
        ? `${path}: expected pixel MD5 ${face.expected?.pixelMd5}, got ${seen.pixelMd5}`
        : `${path}: expected file MD5 ${face.expected?.md5}, got ${seen.md5}`;
    return { reason, detail };
  }

  async finish({ face, path }: FaceSpec, _tools: FileTools, noted: () => Promise<void>): Promise<void> {
    if (face.expected) await this.#setting.toGo?.letGo(face, path, noted);
  }

  recipe({ face }: FaceSpec): Md5 {
    return recipeOf(face, this.#setting.align);
  }

  isIdentical({ face }: FaceSpec): boolean {
    return face.expected !== undefined;
  }
}
