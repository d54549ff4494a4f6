import { Readable } from 'node:stream';
import type { FileLabel, StandInFile } from '../files.ts';

/** A part of a file, wherever its bytes are. */
export type FilePart = Pick<StandInFile, 'size' | 'open'>;

/** A file that is nowhere as a whole: its parts one after the other, each opened when its turn comes. */
export function joinedFile(parts: readonly FilePart[], label: FileLabel): StandInFile {
  const starts = new Float64Array(parts.length + 1);
  parts.forEach(({ size }, at) => {
    starts[at + 1] = (starts[at] ?? 0) + size;
  });
  async function* bytes(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = partAt(starts, start); at < parts.length; at++) {
      const [part, from = 0] = [parts[at], starts[at]];
      if (part === undefined || from >= end) return;
      const first = Math.max(0, start - from);
      const last = Math.min(part.size, end - from);
      if (first >= last) continue;
      const opened = part.open(first, last);
      if (opened instanceof Uint8Array) yield opened;
      else yield* opened;
    }
  }
  return {
    ...label,
    size: starts[parts.length] ?? 0,
    open: (start, end) => (start === end ? new Uint8Array() : Readable.from(bytes(start, end))),
  };
}

/** A part whose bytes are at hand. */
export function partOfBytes(bytes: Uint8Array): FilePart {
  return { size: bytes.length, open: (start, end) => bytes.subarray(start, end) };
}

/** The last part that begins at or before a place. */
function partAt(starts: Float64Array, place: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle;
  }
  return low;
}
