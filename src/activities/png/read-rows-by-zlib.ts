import { createInflate, inflateSync } from 'node:zlib';
import type { OnRows } from '../../domain/kernels/inflate/contract.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import { joined } from './idat.ts';
import { type PartWanted, RowAssembly } from './row-assembly.ts';

/** Inflated bytes at a time: unfiltering and hashing them holds the event loop for a millisecond or two. */
const BLOCK_BYTES = 256 * 1024;
/** Compressed bytes handed to the inflating thread at a time. */
const FEED_BYTES = 128 * 1024;
/** Node.js's bound for a piece of output. */
const LEAST_CHUNK = 64;

/** `readRows` where our own kernel does not run. */
export async function readRowsByZlib(
  compressed: AsyncIterable<Uint8Array>,
  header: PngHeader,
  kernel: PngRows,
  wanted: PartWanted,
  onRows: OnRows,
  signal: AbortSignal | undefined,
): Promise<void> {
  const rows = new RowAssembly(header, wanted, kernel, onRows);
  const inflate = createInflate({ chunkSize: BLOCK_BYTES });
  const feeding = feed(compressed, inflate);
  // Told below, where it is awaited, or by the stream that it destroys.
  feeding.catch((error: unknown) =>
    inflate.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    for await (const block of inflate) {
      signal?.throwIfAborted();
      if (!rows.take(block as Buffer)) return;
    }
    await feeding;
    rows.finish();
  } finally {
    inflate.destroy();
  }
}

async function feed(
  compressed: AsyncIterable<Uint8Array>,
  inflate: ReturnType<typeof createInflate>,
): Promise<void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const piece = joined(waiting);
    waiting = [];
    bytes = 0;
    if (inflate.destroyed || inflate.write(piece)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        inflate.off('drain', go).off('close', go);
        resolve();
      };
      inflate.on('drain', go).on('close', go);
    });
  };
  for await (const piece of compressed) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes >= FEED_BYTES) await flush();
    if (inflate.destroyed) return;
  }
  await flush();
  inflate.end();
}

/** `readRowsAtOnce` where our own kernel does not run: all of the picture lies in memory. */
export function readRowsAtOnceByZlib(
  compressed: Iterable<Uint8Array>,
  header: PngHeader,
  kernel: PngRows,
  wanted: PartWanted,
  onRows: OnRows,
): void {
  const rows = new RowAssembly(header, wanted, kernel, onRows);
  const most = header.height * rows.stride + 1;
  const inflated = inflateSync(joined([...compressed]), {
    chunkSize: most + LEAST_CHUNK,
    maxOutputLength: most,
  });
  const block = Math.max(1, Math.floor(BLOCK_BYTES / rows.stride)) * rows.stride;
  for (let at = 0; at < inflated.length; at += block) {
    if (!rows.take(inflated.subarray(at, at + block))) return;
  }
  rows.finish();
}
