import { fstatSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import { type FileSpec, mostBytes } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { PNG_HEADER_BYTES, parsePngHeader, rawChannels } from '../../domain/png/png-header.ts';
import { damageInWords } from '../../domain/tfrecord/damage.ts';
import { RecordCheck, type RecordRange } from '../../domain/tfrecord/record-check.ts';
import type { ContentFailure, SeenContent } from '../../domain/verify/compare-content.ts';
import {
  compareMd5,
  comparePixelMd5,
  comparePngHeader,
  compareSize,
} from '../../domain/verify/compare-content.ts';
import type { HashBytes } from '../hash/hash-bytes.ts';
import type { ReusedBuffers } from '../hash/reused-buffers.ts';
import { isDecodedWhole, type PngDecoder } from '../png/png-decoder.ts';
import { UndecodablePngError } from '../png/undecodable-png.ts';
import { RecordReader } from './record-reader.ts';

/** Up to here a file is read into memory once, for both digests; larger ones are read in pieces. */
const IN_MEMORY_BYTES = 16 * 1024 ** 2;
const READ_BYTES = 1024 ** 2;

export type Verdict =
  | { readonly status: 'right'; readonly seen: SeenContent }
  | {
      readonly status: 'wrong';
      readonly failure: ContentFailure;
      /** Of a file of records that has the right size: those that are damaged, as ranges; absent: nobody can say. */
      readonly damaged?: readonly RecordRange[];
    };

export interface VerifyTools {
  readonly decoder: PngDecoder;
  readonly md5: HashBytes;
  readonly buffers: ReusedBuffers;
}

/** Bytes that are held while a file of this spec is verified: it, and its pixels. */
export function heldBytes({ size, pixels, recordBytes }: FileSpec): number {
  const inPieces = recordBytes === undefined ? READ_BYTES : 2 * READ_BYTES;
  const file = size !== undefined && size <= IN_MEMORY_BYTES ? size : inPieces;
  return file + (pixels !== undefined && isDecodedWhole(pixels) ? 3 * pixels.width * pixels.height : 0);
}

/**
 * Runs in a verifying thread, whose reads may hold it. Reads a file back from the disk and compares size, file MD5, pixel
 * size and pixel MD5 with the spec. Nothing that was computed while the bytes passed through counts. Of a file of records
 * it tells which of them are damaged. Of a spec that accepts pixels, a file of another size or digest is compared by those
 * alone.
 */
export async function verifyFile(
  spec: FileSpec,
  fd: number,
  tools: VerifyTools,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<Verdict> {
  const { accepts, ...very } = spec;
  const verdict = await verifyVeryFile(very, fd, tools, signal, onBytes);
  if (verdict.status === 'right' || accepts === undefined || !isOtherFile(verdict.failure)) return verdict;
  const { size: _, md5: __, ...picture } = very;
  const there = fstatSync(fd).size;
  const most = mostBytes(spec);
  if (there > most)
    return {
      status: 'wrong',
      failure: { reason: 'wrong-size', detail: `${spec.path}: expected at most ${most} bytes, got ${there}` },
    };
  const byPixels = await verifyVeryFile(picture, fd, tools, signal);
  return byPixels.status === 'right'
    ? { ...byPixels, seen: { ...byPixels.seen, accepted: accepts } }
    : byPixels;
}

/** Its pixels may be right all the same. */
function isOtherFile({ reason }: ContentFailure): boolean {
  return reason === 'wrong-size' || reason === 'wrong-md5';
}

function verifyVeryFile(
  spec: FileSpec,
  fd: number,
  tools: VerifyTools,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<Verdict> {
  if (spec.size === undefined || spec.size > IN_MEMORY_BYTES)
    return verifyRead(spec, fd, undefined, tools, signal, onBytes);
  return tools.buffers.use(spec.size + 1, async (room) =>
    verifyRead(spec, fd, readPromised(fd, room), tools, signal, onBytes),
  );
}

/** @param whole all of a file of the promised size, and one byte more where there is more */
async function verifyRead(
  spec: FileSpec,
  fd: number,
  whole: Buffer | undefined,
  { decoder, md5: hash }: VerifyTools,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Verdict> {
  const wrong = (failure: ContentFailure): Verdict => ({ status: 'wrong', failure });
  const size = whole !== undefined && whole.length <= (spec.size ?? 0) ? whole.length : fstatSync(fd).size;
  const sizeFailure = compareSize(spec, size);
  if (sizeFailure) return wrong(sizeFailure);
  if (whole) onBytes(size);
  const records = recordsOf(spec);
  const { md5, damaged } = whole
    ? { md5: await hash(whole, signal), damaged: undefined }
    : await readInPieces(fd, records, signal, onBytes);
  const md5Failure = compareMd5(spec, md5);
  if (md5Failure)
    return wrongRecords(spec, md5Failure, whole && records ? damagedIn(whole, records) : damaged);
  if (spec.pixels === undefined) return { status: 'right', seen: { size, md5 } };

  const picture = { ...spec, pixels: spec.pixels };
  const header = parsePngHeader(whole ?? readPromised(fd, Buffer.alloc(PNG_HEADER_BYTES + 1)));
  const headerFailure = comparePngHeader(picture, header);
  if (headerFailure) return wrong(headerFailure);
  const channels = header && rawChannels(header);
  if (header === undefined || channels === undefined)
    throw new Error('unreachable: the header was compared above');
  try {
    const isVouchedFor = spec.md5 !== undefined;
    const pixelMd5 = await decoder.pixelMd5(whole ?? { fd }, header, channels, signal, isVouchedFor);
    const pixelFailure = comparePixelMd5(picture, pixelMd5);
    return pixelFailure ? wrong(pixelFailure) : { status: 'right', seen: { size, md5, pixelMd5 } };
  } catch (error) {
    if (!(error instanceof UndecodablePngError)) throw error;
    return wrong({ reason: 'undecodable-png', detail: `${spec.path}: ${error.message}`.slice(0, 300) });
  }
}

/**
 * Reads a file of a promised size into a byte more than that: one system call for a file as promised, since a read that ends
 * short of its buffer has met the end.
 *
 * @returns what there was of it: all of `room` where the file is longer
 */
export function readPromised(fd: number, room: Buffer): Buffer {
  let at = 0;
  while (at < room.length) {
    const bytesRead = readSync(fd, room, at, room.length - at, at);
    at += bytesRead;
    if (bytesRead === 0 || at === room.length - 1) break;
  }
  return room.subarray(0, at);
}

/** Bytes of each record, where a file is nothing but records. */
function recordsOf({ size, recordBytes }: FileSpec): number | undefined {
  return size !== undefined && recordBytes !== undefined && size % recordBytes === 0
    ? recordBytes
    : undefined;
}

function damagedIn(whole: Uint8Array, recordBytes: number): readonly RecordRange[] {
  const check = new RecordCheck(recordBytes);
  check.take(whole);
  return check.end();
}

function wrongRecords(
  spec: FileSpec,
  { reason, detail }: ContentFailure,
  damaged: readonly RecordRange[] | undefined,
): Verdict {
  if (damaged === undefined) return { status: 'wrong', failure: { reason, detail } };
  const failure = { reason, detail: `${detail}; ${damageInWords(spec, damaged)}` };
  return { status: 'wrong', failure, damaged };
}

/** Its MD5, and of a file of records those that are damaged, found meanwhile in another thread. */
async function readInPieces(
  fd: number,
  recordBytes: number | undefined,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<{ readonly md5: Md5; readonly damaged: readonly RecordRange[] | undefined }> {
  const records = recordBytes === undefined ? undefined : new RecordReader(recordBytes, READ_BYTES);
  try {
    const md5 = await md5InPieces(fd, records, signal, onBytes);
    return { md5, damaged: await records?.end() };
  } finally {
    records?.close();
  }
}

async function md5InPieces(
  fd: number,
  records: RecordReader | undefined,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Md5> {
  const hash = runningMd5();
  const buffers = records?.buffers ?? [Buffer.allocUnsafe(READ_BYTES)];
  for (let at = 0; ; ) {
    for (const [nth, buffer] of buffers.entries()) {
      // Other files of the thread have their turn, and a stop is heard.
      await setImmediate();
      await records?.free(nth);
      signal.throwIfAborted();
      const bytesRead = readSync(fd, buffer, 0, READ_BYTES, at);
      if (bytesRead === 0) return hash.digest();
      records?.take(nth, bytesRead);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
      onBytes(bytesRead);
    }
  }
}
