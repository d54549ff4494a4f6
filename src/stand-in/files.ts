import type { Readable } from 'node:stream';

/** A file that the stand-in can hand out, from wherever its bytes are. */
export interface StandInFile {
  readonly size: number;
  /** As in Content-Disposition. */
  readonly name: string;
  /** Media type. @default application/octet-stream */
  readonly type?: string;
  /** Where the plain mirror serves it: `images1024x1024/00000/00000.png`. @default not on the mirror */
  readonly path?: string;
  /** The bytes `[start, end)`. */
  open(start: number, end: number): Readable | Uint8Array;
}

/** By Drive id. */
export type StandInFiles = ReadonlyMap<string, StandInFile>;

/** A file whose bytes are at hand. */
export function fileOfBytes(
  bytes: Uint8Array,
  about: { readonly name: string; readonly type?: string; readonly path?: string },
): StandInFile {
  return { ...about, size: bytes.length, open: (start, end) => bytes.subarray(start, end) };
}
