import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { removeFileSync } from '../../folders/remove-file.ts';

/** Of a picture that is read back. */
const PIECE_BYTES = 256 * 1024;

/** The disk gave back other bytes than it was given. */
export class UnlikeWrittenError extends Error {
  override readonly name = 'UnlikeWrittenError';
}

/**
 * Writes a picture that was decoded and compared already, and reads it back: bytes that equal those need no decoding and
 * no digest to be known for right. Into the page cache, as downloads are read back too: whoever has nothing else to do
 * syncs it. Throws what the file system says; then nothing is left.
 */
export function writePicture(path: string, png: Uint8Array): void {
  const fd = openSync(path, 'wx+');
  try {
    for (let at = 0; at < png.length; ) at += writeSync(fd, png, at, png.length - at, at);
    refuseUnlike(fd, png);
  } catch (error) {
    removeFileSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Throws an UnlikeWrittenError unless a file holds exactly these bytes. */
export function refuseUnlike(fd: number, bytes: Uint8Array): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; ; ) {
    const length = readSync(fd, piece, 0, PIECE_BYTES, at);
    if (length === 0 && at === bytes.length) return;
    if (length === 0 || Buffer.compare(piece.subarray(0, length), bytes.subarray(at, at + length)) !== 0) {
      throw new UnlikeWrittenError(
        `picture [bytes=${bytes.length}]: expected the bytes that were written, got others from ${at} on`,
      );
    }
    at += length;
  }
}
