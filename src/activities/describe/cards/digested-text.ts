import { type FileHandle, open } from 'node:fs/promises';
import { runningMd5, runningSha256 } from '../../../domain/dataset/digest.ts';

const GATHERED = 64 * 1024;

/** A text file of any length, written piece by piece, and what its bytes are. */
export class DigestedText {
  readonly #handle: FileHandle;
  readonly #md5 = runningMd5();
  readonly #sha256 = runningSha256();
  #bytes = 0;
  #pending = '';

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Nothing may lie there yet. */
  static async begin(path: string): Promise<DigestedText> {
    return new DigestedText(await open(path, 'wx'));
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= GATHERED) await this.#flush();
  }

  /** Its bytes are on the disk then. */
  async end(): Promise<{ readonly bytes: number; readonly md5: string; readonly sha256: string }> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    return { bytes: this.#bytes, md5: this.#md5.digest(), sha256: this.#sha256.digest() };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    const piece = Buffer.from(this.#pending);
    this.#pending = '';
    this.#md5.update(piece);
    this.#sha256.update(piece);
    this.#bytes += piece.length;
    if (piece.length > 0) await this.#handle.writeFile(piece);
  }
}
