import { basename, join } from 'node:path';
import { isOurPage } from '../../domain/page/document.ts';
import { attributionFormats } from '../../domain/rights/attribution/attribution-formats.ts';
import { beginningOf } from '../folders/beginning-of.ts';
import { atFile } from '../folders/held-folder.ts';
import { MadeNotes } from '../records/made-notes.ts';
import type { Seal } from '../records/seal.ts';
import { lstatIfThere, md5OfFile } from '../store/file-info.ts';

/** What is being written, by this program's way of naming it. */
const DRAFT = /\.[0-9a-f]{12}\.new$/;

/** Bytes by which a page of ours is known. */
const PAGE_BYTES = 256;

/** Larger texts are none of ours. */
const MOST_BYTES = 1024 ** 3;

/** Texts in a dataset folder that this program wrote and nobody has changed: the same command makes them anew. */
export class OwnTexts {
  readonly #storePath: string;
  readonly #signal: AbortSignal;
  readonly #notes: MadeNotes;
  #written: Promise<readonly string[]> | undefined;

  constructor(storePath: string, seal: Seal, signal: AbortSignal) {
    this.#storePath = storePath;
    this.#signal = signal;
    this.#notes = new MadeNotes(storePath, seal);
  }

  /** @param path relative to the folder */
  has(path: string): Promise<boolean> {
    if (DRAFT.test(path)) return Promise.resolve(true);
    return atFile(join(this.#storePath, path), async (file) => {
      const format = Object.values(attributionFormats).find((known) => known.file === basename(path));
      if (format !== undefined)
        return (await beginningOf(file, Buffer.byteLength(format.head))) === format.head;
      if (isOurPage((await beginningOf(file, PAGE_BYTES)) ?? '')) return true;
      const size = (await lstatIfThere(file))?.size ?? Number.POSITIVE_INFINITY;
      if (size > MOST_BYTES) return false;
      this.#written ??= this.#notes.written();
      return (await this.#written).includes(await md5OfFile(file, this.#signal, () => {}));
    });
  }
}
