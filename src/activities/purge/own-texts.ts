import { join } from 'node:path';
import { MadeNotes } from '../describe/made-notes.ts';
import { atFile } from '../folders/held-folder.ts';
import type { Seal } from '../records/seal.ts';
import { lstatIfThere, md5OfFile } from '../store/file-info.ts';

/** What is being written, by this program's way of naming it. */
const DRAFT =
  /(^|\/)(ATTRIBUTION|CITATION|DATASET_CARD|README|croissant|manifest|report|ro-crate)[\w.-]*\.[0-9a-f]{12}\.new$/;

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
      const size = (await lstatIfThere(file))?.size ?? Number.POSITIVE_INFINITY;
      if (size > MOST_BYTES) return false;
      this.#written ??= this.#notes.written();
      return (await this.#written).includes(await md5OfFile(file, this.#signal, () => {}));
    });
  }
}
