import { createReadStream } from 'node:fs';
import { JSONParser } from '@streamparser/json';
import { runningMd5 } from '../domain/digest.ts';
import type { Md5 } from '../domain/ids.ts';
import { ManifestError } from '../domain/manifest.ts';

/** Small enough that parsing a piece holds the event loop for a few milliseconds only. */
const READ_BYTES = 64 * 1024;

/** The official records have 3.8 KB on average; what grows beyond this is no record, and would only fill the memory. */
const MAX_RECORD_BYTES = 1024 ** 2;

export interface ReadManifest {
  readonly bytes: number;
  readonly md5: Md5;
}

/**
 * Reads a manifest as a stream, record by record in the file's order, in bounded memory; hashes it in the same pass.
 * Throws a ManifestError that says where the text stops being a JSON object of records.
 */
export async function* readManifestRecords(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<{ readonly key: string; readonly value: unknown }, ReadManifest> {
  const found: { key: string; value: unknown }[] = [];
  const parser = new JSONParser({ paths: ['$.*'], keepStack: false });
  let isObject = true;
  parser.onValue = ({ key, value }) => {
    if (typeof key === 'string') found.push({ key, value });
    else isObject = false;
  };
  const md5 = runningMd5();
  let bytes = 0;
  let lastRecordAt = 0;
  const damaged = (reason: string, cause?: unknown) =>
    new ManifestError(
      `manifest [file=${path}, about byte ${bytes}]: expected a JSON object of records, got ${reason}`,
      {
        cause,
      },
    );
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES, signal })) {
    const piece = chunk as Buffer;
    md5.update(piece);
    bytes += piece.length;
    onBytes(piece.length);
    try {
      parser.write(piece);
    } catch (error) {
      throw damaged(error instanceof Error ? error.message.slice(0, 200) : 'other text', error);
    }
    if (!isObject) throw damaged('an array');
    if (found.length > 0) lastRecordAt = bytes;
    else if (bytes - lastRecordAt > MAX_RECORD_BYTES && !parser.isEnded) {
      throw damaged(`more than ${MAX_RECORD_BYTES} bytes without the end of a record`);
    }
    yield* found.splice(0);
  }
  if (!parser.isEnded) throw damaged(bytes === 0 ? 'an empty file' : 'a file that ends in the middle');
  return { bytes, md5: md5.digest() };
}
