import { join } from 'node:path';
import { type FileSpec, mostBytes } from '../../domain/dataset/file-spec.ts';
import { releasedPartials } from '../../domain/dataset/partial-name.ts';
import { fileName } from '../../domain/dataset/plain-path.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import { removeFile } from '../folders/remove-file.ts';
import { partialsOf } from '../partials/folder-survey.ts';
import { fateOfWriter, largestPartial } from '../partials/left-partials.ts';
import type { Placed } from '../partials/partial-file.ts';
import type { FileFolder } from '../settle/file-folders.ts';
import type { FileMaker, FileTools, Made } from '../settle/file-maker.ts';
import type { SpaceGuard } from '../store/free-space.ts';
import type { WriterProcess } from '../store/writer.ts';

/**
 * Downloads originals that go once they have served. Where the disk has no room for one, nobody waits: fetching ends, so
 * that those that came are aligned and make room. An original begins only where all of it fits beside those that this
 * process has begun; if others take the space meanwhile, what came of it is given back, so that the disk is never full of
 * halves of which none can become whole.
 */
export class PassingOriginal implements FileMaker<FileSpec> {
  readonly isPassing = true;
  readonly syncsRecords = true;
  readonly #download: FileMaker<FileSpec>;
  readonly #space: SpaceGuard;
  readonly #writer: WriterProcess;
  readonly #storePath: string;

  constructor(
    download: FileMaker<FileSpec>,
    { space, writer }: { readonly space: SpaceGuard; readonly writer: WriterProcess },
    storePath: string,
  ) {
    this.#download = download;
    this.#space = space;
    this.#writer = writer;
    this.#storePath = storePath;
  }

  vouching(spec: FileSpec, records: readonly VerificationRecord[] | undefined, onDisk: Placed) {
    return this.#download.vouching(spec, records, onDisk);
  }

  wanted(spec: FileSpec, records: readonly VerificationRecord[] | undefined) {
    return this.#download.wanted(spec, records);
  }

  async make(spec: FileSpec, folder: FileFolder, tools: FileTools): Promise<Made> {
    const bytes = Math.max(0, (spec.size ?? 0) - (await this.#bytesLeft(spec, folder)));
    const give = await this.#space.take(this.#storePath, bytes);
    if (give === undefined) return { status: 'no-room' };
    try {
      return await this.#download.make(spec, folder, tools);
    } catch (error) {
      if (storeErrorFrom(error, spec.path)?.reason !== 'disk-full') throw error;
      for (const name of releasedPartials(fileName(spec.path))) await removeFile(join(folder.path, name));
      return { status: 'no-room' };
    } finally {
      give();
    }
  }

  /** What a download can go on from without writing it once more: what another attempt holds would be copied. */
  #bytesLeft(spec: FileSpec, folder: FileFolder): Promise<number> {
    const isFree = (name: string) => fateOfWriter(name, this.#writer) === 'gone';
    return largestPartial(folder.path, partialsOf(folder, fileName(spec.path)), mostBytes(spec), isFree);
  }
}
