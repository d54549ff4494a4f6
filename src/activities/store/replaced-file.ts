import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { type HeldFolder, holdFolder, inPlainNames } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';

/** A text that takes its file's place as a whole. */
export class ReplacedFile {
  readonly #folder: HeldFolder;
  readonly #name: string;
  readonly #temporary: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;
  #ended = false;
  #closed = false;
  #pending = '';

  private constructor(
    folder: HeldFolder,
    name: string,
    temporary: string,
    handle: Awaited<ReturnType<typeof open>>,
  ) {
    this.#folder = folder;
    this.#name = name;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** By its path relative to the store. */
  static async begin(storePath: string, relative: string): Promise<ReplacedFile> {
    const folder = await holdFolder(storePath, folderName(relative));
    try {
      const name = fileName(relative);
      const temporary = `${folder.path}/${name}.${randomBytes(6).toString('hex')}.new`;
      return new ReplacedFile(folder, name, temporary, await open(temporary, 'wx'));
    } catch (error) {
      const named = inPlainNames(error);
      await folder.release();
      throw named;
    }
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length < 64 * 1024) return;
    await this.#flush();
  }

  async replace(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#close();
    await rename(this.#temporary, `${this.#folder.path}/${this.#name}`);
    this.#ended = true;
    await syncFolder(this.#folder.path);
    await this.#folder.release();
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#close();
    } finally {
      await removeFile(this.#temporary);
      await this.#folder.release();
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    // `write` may write a part only, on a disk that is nearly full; this writes on, or throws.
    if (text !== '') await this.#handle.writeFile(text);
  }
}
