import { closeSync, fstatSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import { openToReadSync } from '../folders/real-file.ts';
import type { FileState } from '../partials/partial-file.ts';
import type { PrefixDigest, PrefixTask } from './verify-task.ts';

const READ_BYTES = 1024 ** 2;

/** Of the thread, which reads and hashes in one go. */
const buffer = Buffer.allocUnsafe(READ_BYTES);

/**
 * Runs in a verifying thread, whose reads may hold it. The MD5 of a file that still grows, read back from the disk behind
 * whoever writes it. Between two attempts it keeps what it has, and no file open.
 */
export class PrefixMd5 {
  readonly #opened: () => void;
  readonly #answer: (digest: PrefixDigest) => void;
  readonly #fail: (error: unknown) => void;
  #hash = runningMd5();
  #at = 0;
  #until = 0;
  #fd: number | undefined;
  #isReading = false;
  #rests = false;
  #isAsked = false;

  constructor(opened: () => void, answer: (digest: PrefixDigest) => void, fail: (error: unknown) => void) {
    this.#opened = opened;
    this.#answer = answer;
    this.#fail = fail;
  }

  do(task: PrefixTask): void {
    switch (task.how) {
      case 'open':
        this.#open(task.path);
        break;
      case 'grew':
        this.#grew(task.size);
        break;
      case 'rest':
        this.#rests = true;
        break;
      case 'digest':
        this.#isAsked = true;
        break;
      case 'drop':
        this.#close();
        return;
      default:
        task satisfies never;
    }
    void this.#read();
  }

  #open(path: string): void {
    this.#close();
    this.#rests = false;
    try {
      this.#fd = openToReadSync(path);
      this.#opened();
    } catch (error) {
      this.#fail(error);
    }
  }

  #grew(size: number): void {
    if (size < this.#at) {
      this.#hash = runningMd5();
      this.#at = 0;
    }
    this.#until = size;
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#at < this.#until) {
        // Other files of the thread have their turn, and it is heard what is said of this one.
        await setImmediate();
        const fd = this.#fd;
        if (fd === undefined) return;
        const bytesRead = readSync(fd, buffer, 0, Math.min(READ_BYTES, this.#until - this.#at), this.#at);
        if (bytesRead === 0)
          throw new Error(`expected a file of ${this.#until} bytes, got its end at ${this.#at}`);
        this.#hash.update(buffer.subarray(0, bytesRead));
        this.#at += bytesRead;
      }
      if (this.#isAsked && this.#fd !== undefined)
        this.#answer({ md5: this.#hash.digest(), size: this.#at, state: stateOf(this.#fd) });
      if (this.#isAsked || this.#rests) this.#close();
    } catch (error) {
      this.#close();
      this.#fail(error);
    } finally {
      this.#isReading = false;
    }
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function stateOf(fd: number): FileState {
  const { dev, ino, size, mtimeNs } = fstatSync(fd, { bigint: true });
  return { dev, ino, size, mtimeNs };
}
