import { createInflateRaw } from 'node:zlib';
import { BadArchiveError } from '../../../domain/archive/bad-archive.ts';

/** Bytes that are inflated at a time: they become a thousand times as many at most. */
const STEP_BYTES = 16 * 1024;

/**
 * The bytes that a deflated member is; throws {@link BadArchiveError} where they are no such stream, or not exactly `size`.
 * What is more is not held.
 */
export async function* inflated(packed: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw();
  const pieces: Buffer[] = [];
  let error: Error | undefined;
  let isOver = false;
  let wake = () => {};
  let came = 0;
  inflate.on('data', (piece: Buffer) => {
    came += piece.length;
    if (came <= size) pieces.push(piece);
  });
  inflate.on('error', (cause) => {
    error = cause;
    // It calls back no more; nor where the stream ends before its bytes do.
    wake();
  });
  inflate.on('end', () => {
    isOver = true;
    wake();
  });
  const until = (step: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      step(resolve);
    });
  const check = () => {
    if (error !== undefined) throw new BadArchiveError(`expected a deflated member, got ${error.message}`);
    if (came > size) throw new BadArchiveError(`expected a member of ${size} bytes, got more`);
  };
  try {
    for await (const piece of packed) {
      for (let at = 0; at < piece.length; at += STEP_BYTES) {
        await until((done) => inflate.write(piece.subarray(at, at + STEP_BYTES), () => done()));
        check();
        yield* pieces.splice(0);
        if (isOver)
          throw new BadArchiveError('expected a deflated member, got one that ends before its bytes do');
      }
    }
    await until(() => inflate.end());
    check();
    yield* pieces.splice(0);
    if (came < size) throw new BadArchiveError(`expected a member of ${size} bytes, got ${came}`);
  } finally {
    inflate.destroy();
  }
}
