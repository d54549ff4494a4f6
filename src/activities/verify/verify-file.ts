import { fstatSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { PNG_HEADER_BYTES, parsePngHeader, rawChannels } from '../../domain/png/png-header.ts';
import type { ContentFailure, SeenContent } from '../../domain/verify/compare-content.ts';
import {
  compareMd5,
  comparePixelMd5,
  comparePngHeader,
  compareSize,
} from '../../domain/verify/compare-content.ts';
import type { HashBytes } from '../hash/hash-bytes.ts';
import { isDecodedWhole, type PngDecoder } from '../png/png-decoder.ts';
import { UndecodablePngError } from '../png/undecodable-png.ts';

/** Up to here a file is read into memory once, for both digests; larger ones are read in pieces. */
const IN_MEMORY_BYTES = 16 * 1024 ** 2;
const READ_BYTES = 1024 ** 2;

export type Verdict =
  | { readonly status: 'right'; readonly seen: SeenContent }
  | { readonly status: 'wrong'; readonly failure: ContentFailure };

export interface VerifyTools {
  readonly decoder: PngDecoder;
  readonly md5: HashBytes;
}

/** Bytes that are held while a file of this spec is verified: it, and its pixels. */
export function heldBytes({ size, pixels }: FileSpec): number {
  const file = size !== undefined && size <= IN_MEMORY_BYTES ? size : READ_BYTES;
  return file + (pixels !== undefined && isDecodedWhole(pixels) ? 3 * pixels.width * pixels.height : 0);
}

/**
 * Runs in a verifying thread, whose reads may hold it. Reads a file back from the disk and compares size, file MD5, pixel
 * size and pixel MD5 with the spec. Nothing that was computed while the bytes passed through counts.
 */
export async function verifyFile(
  spec: FileSpec,
  file: { readonly fd: number; readonly path: string },
  { decoder, md5: hash }: VerifyTools,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<Verdict> {
  const wrong = (failure: ContentFailure): Verdict => ({ status: 'wrong', failure });
  const inMemory = spec.size !== undefined && spec.size <= IN_MEMORY_BYTES;
  const whole = inMemory ? readPromised(file.fd, spec.size) : undefined;
  const size =
    whole !== undefined && whole.length <= (spec.size ?? 0) ? whole.length : fstatSync(file.fd).size;
  const sizeFailure = compareSize(spec, size);
  if (sizeFailure) return wrong(sizeFailure);
  if (whole) onBytes(size);
  const md5 = whole ? await hash(whole, signal) : await md5InPieces(file.fd, signal, onBytes);
  const md5Failure = compareMd5(spec, md5);
  if (md5Failure) return wrong(md5Failure);
  if (spec.pixels === undefined) return { status: 'right', seen: { size, md5 } };

  const picture = { ...spec, pixels: spec.pixels };
  const header = parsePngHeader(whole ?? readPromised(file.fd, PNG_HEADER_BYTES));
  const headerFailure = comparePngHeader(picture, header);
  if (headerFailure) return wrong(headerFailure);
  const channels = header && rawChannels(header);
  if (header === undefined || channels === undefined)
    throw new Error('unreachable: the header was compared above');
  try {
    const pixelMd5 = await decoder.pixelMd5(whole ?? file.path, header, channels, signal);
    const pixelFailure = comparePixelMd5(picture, pixelMd5);
    return pixelFailure ? wrong(pixelFailure) : { status: 'right', seen: { size, md5, pixelMd5 } };
  } catch (error) {
    if (!(error instanceof UndecodablePngError)) throw error;
    return wrong({ reason: 'undecodable-png', detail: `${spec.path}: ${error.message}`.slice(0, 300) });
  }
}

/**
 * Reads a file of a promised size, and one byte more where there is more: one system call for a file as promised, since
 * a read that ends short of its buffer has met the end.
 */
function readPromised(fd: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size + 1);
  let at = 0;
  while (at <= size) {
    const bytesRead = readSync(fd, buffer, at, size + 1 - at, at);
    at += bytesRead;
    if (bytesRead === 0 || at === size) break;
  }
  return buffer.subarray(0, at);
}

async function md5InPieces(fd: number, signal: AbortSignal, onBytes: (bytes: number) => void) {
  const hash = runningMd5();
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ; ) {
    // Other files of the thread have their turn, and a stop is heard.
    await setImmediate();
    signal.throwIfAborted();
    const bytesRead = readSync(fd, buffer, 0, READ_BYTES, at);
    if (bytesRead === 0) return hash.digest();
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    onBytes(bytesRead);
  }
}
