import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { JsonMembers } from '../../domain/dataset/json-members.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { shownName } from '../../domain/dataset/shown-value.ts';
import { atFile } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';

/** Small enough that parsing a piece holds the event loop for a few milliseconds only. */
const READ_BYTES = 64 * 1024;

/** The official records have 3.8 KB on average; what grows beyond this is no record, and would only fill the memory. */
const MAX_RECORD_BYTES = 1024 ** 2;

interface ReadManifest {
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
  const members = new JsonMembers();
  let rest: Buffer = Buffer.alloc(0);
  const md5 = runningMd5();
  let bytes = 0;
  const damaged = (reason: string, cause?: unknown) =>
    new ManifestError(
      `manifest [file=${path}, about byte ${bytes}]: expected a JSON object of records, got ${reason}`,
      {
        cause,
      },
    );
  const handle = await atFile(path, openToRead);
  for await (const chunk of handle.createReadStream({ highWaterMark: READ_BYTES, signal })) {
    const piece = chunk as Buffer;
    md5.update(piece);
    bytes += piece.length;
    onBytes(piece.length);
    const text = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const found: { key: string; value: unknown }[] = [];
    try {
      const from = members.take(text, (keyFrom, keyTo, valueFrom, valueTo) => {
        const key = JSON.parse(text.toString('utf8', keyFrom, keyTo)) as string;
        found.push({ key, value: parseRecord(key, text.toString('utf8', valueFrom, valueTo)) });
      });
      rest = text.subarray(from);
    } catch (error) {
      throw damaged(error instanceof Error ? shownName(error.message, 200) : 'other text', error);
    }
    if (rest.length > MAX_RECORD_BYTES) {
      // Its key, and not yet a name of a person.
      const begin = shownName(rest.toString('utf8', 0, 10));
      throw damaged(`more than ${MAX_RECORD_BYTES} bytes without the end of the record that begins ${begin}`);
    }
    yield* found;
  }
  if (!members.isOver) throw damaged(bytes === 0 ? 'an empty file' : 'a file that ends in the middle');
  return { bytes, md5: md5.digest() };
}

/**
 * Hands every record on, one after the other. The file is closed again whatever becomes of them, also when `onRecord`
 * throws: a generator that is merely left would keep it open.
 */
export async function eachManifestRecord(
  path: string,
  signal: AbortSignal,
  onBytes: ((bytes: number) => void) | undefined,
  onRecord: (key: string, value: unknown) => Promise<void>,
): Promise<ReadManifest> {
  const records = readManifestRecords(path, signal, onBytes);
  try {
    for (;;) {
      const next = await records.next();
      if (next.done) return next.value;
      await onRecord(next.value.key, next.value.value);
    }
  } finally {
    await records.return(undefined as never);
  }
}

function parseRecord(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // Without the text around the place, which Node.js repeats: it may name people.
    throw new SyntaxError(`record ${shownName(key)}: ${said.replace(/, (\.\.\.)?".*$/s, '')}`);
  }
}
