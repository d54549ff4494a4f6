interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  workBytes(): number;
  mostBytes(length: number): number;
  deflate(from: number, length: number, to: number, work: number): number;
}

/** One byte or more in, a zlib stream of them out, which is the caller's until the next call. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

const PAGE = 64 * 1024;
/** The kernel reads a little beside its input. */
const ROOM = 64;

/** {@link Deflate} by `assembly/deflate.ts`, for filtered rows of pixels. Its memory grows to 2.5 times the input, and stays. */
export function simdDeflate(module: WebAssembly.Module): Deflate {
  const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
  const { memory, ...kernel } = instance.exports as unknown as Exports;
  return (bytes) => {
    const work = kernel.heapBase();
    const from = work + kernel.workBytes() + ROOM;
    const to = from + bytes.length + ROOM;
    const missing = to + kernel.mostBytes(bytes.length) - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const all = new Uint8Array(memory.buffer);
    all.set(bytes, from);
    return all.subarray(to, to + kernel.deflate(from, bytes.length, to, work));
  };
}
