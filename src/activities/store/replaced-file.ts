import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../records/sync-folder.ts';

/** A text that takes its file's place as a whole. */
export class ReplacedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;
  #ended = false;
  #closed = false;
  #pending = '';

  private constructor(path: string, temporary: string, handle: Awaited<ReturnType<typeof open>>) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async begin(path: string): Promise<ReplacedFile> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
    return new ReplacedFile(path, temporary, await open(temporary, 'wx'));
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
    await rename(this.#temporary, this.#path);
    this.#ended = true;
    await syncFolder(dirname(this.#path));
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#close();
    } finally {
      await rm(this.#temporary, { force: true });
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
