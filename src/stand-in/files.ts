import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

/** What the stand-in calls a file. */
export interface FileLabel {
  /** As in Content-Disposition. */
  readonly name: string;
  /** Media type. @default application/octet-stream */
  readonly type?: string;
  /** Where the plain mirror serves it: `images1024x1024/00000/00000.png`. @default not on the mirror */
  readonly path?: string;
  /** As the plain mirror says it. @default none */
  readonly etag?: string;
}

/** A file that the stand-in can hand out, from wherever its bytes are. */
export interface StandInFile extends FileLabel {
  /** Bytes. */
  readonly size: number;
  /** The bytes `[start, end)`; none where both are the same. */
  open(start: number, end: number): Readable | Uint8Array;
}

/** By Drive id. */
export type StandInFiles = ReadonlyMap<string, StandInFile>;

/** A file whose bytes are at hand. */
export function fileOfBytes(bytes: Uint8Array, label: FileLabel): StandInFile {
  return { ...label, size: bytes.length, open: (start, end) => bytes.subarray(start, end) };
}

/** A file of `size` bytes at an absolute path, opened anew for every request. */
export function fileOnDisk(place: string, size: number, label: FileLabel): StandInFile {
  return {
    ...label,
    size,
    open: (start, end) =>
      start === end ? new Uint8Array() : createReadStream(place, { start, end: end - 1 }),
  };
}
