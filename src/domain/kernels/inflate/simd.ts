import { instantiate } from '../../wasm/wasm-kernel.ts';
import type { Inflate, InflateStream, OnBytes } from './contract.ts';
import { type InflateExports, Inflater } from './inflater.ts';
import { rowTaker } from './row-taker.ts';

/** Bytes inflated at a time: with what becomes of them they stay in the processor's cache. */
const BLOCK_BYTES = 128 * 1024;
/** An instance with more memory, for the widest rows, is not kept. */
const MOST_KEPT_BYTES = 4 * 1024 ** 2;

/**
 * {@link Inflate} by `assembly/inflate`. Each stream has an instance of its own while it is open; instances are used again.
 */
export function simdInflate(module: WebAssembly.Module): Inflate {
  const idle: Inflater[] = [];
  const stream = (begin: (inflater: Inflater) => () => void): InflateStream => {
    const inflater = idle.pop() ?? new Inflater(instantiate<InflateExports>(module));
    const expectAll = begin(inflater);
    return {
      take: (compressed) => inflater.take(compressed),
      *finish() {
        if (!(yield* inflater.finish())) return false;
        expectAll();
        return true;
      },
      close: () => {
        if (inflater.memoryBytes <= MOST_KEPT_BYTES) idle.push(inflater);
      },
    };
  };
  return {
    bytes: (onBytes) => stream((inflater) => beginBytes(inflater, onBytes)),
    rows: (wanted, onRows) => stream((inflater) => rowTaker(inflater, wanted, onRows, BLOCK_BYTES)),
  };
}

function beginBytes(inflater: Inflater, onBytes: OnBytes): () => void {
  inflater.begin(BLOCK_BYTES, 0, (from, to) => (onBytes(inflater.bytes.subarray(from, to)) ? to : undefined));
  return () => {};
}
