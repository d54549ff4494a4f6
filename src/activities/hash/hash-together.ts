import type { Md5 } from '../../domain/dataset/ids.ts';
import type { DigestMessages } from '../../domain/kernels/md5/contract.ts';
import { plainMd5 } from '../../domain/kernels/md5/plain.ts';
import { simdMd5 } from '../../domain/kernels/md5/simd.ts';
import { makeKernel } from '../kernels/make-kernel.ts';
import { md5InTurns } from './hash-bytes.ts';

interface Waiting {
  readonly bytes: Uint8Array;
  readonly signal: AbortSignal;
  readonly settle: (md5: Md5) => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * MD5s for a thread that has several files in hand: whatever waits for its digest when the thread has come around once is
 * hashed together, which takes less than half of the time where there is SIMD. A single one goes the usual way.
 */
export class HashTogether {
  readonly #digest: DigestMessages;
  #waiting: Waiting[] = [];

  constructor(simd = true) {
    this.#digest = makeKernel('md5', plainMd5, simdMd5, simd);
  }

  /** Throws the signal's reason. The bytes must stay as they are meanwhile. */
  md5(bytes: Uint8Array, signal: AbortSignal): Promise<Md5> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ bytes, signal, settle, fail });
      if (this.#waiting.length === 1) setImmediate(() => this.#hash());
    });
  }

  #hash(): void {
    const all = this.#waiting.filter(({ signal, fail }) => {
      if (signal.aborted) fail(signal.reason);
      return !signal.aborted;
    });
    this.#waiting = [];
    const [first, ...others] = all;
    if (first === undefined) return;
    if (others.length === 0) {
      md5InTurns(first.bytes, first.signal).then(first.settle, first.fail);
      return;
    }
    const digests = this.#digest(all.map(({ bytes }) => bytes));
    for (const [nth, { settle }] of all.entries()) settle(digests[nth] as Md5);
  }
}
