import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import { printable } from '../../../../domain/failure/printable.ts';
import { type SourceFailure, sourceFailure } from '../../../../domain/failure/source-failure.ts';
import type { DriveFile } from '../../../../domain/network/drive-file.ts';
import { type DriveIds, MOST_DRIVE_IDS_BYTES, parseDriveIds } from '../../../../domain/network/drive-ids.ts';

/** Milliseconds for which what was wrong with the list is believed, and after which one that does not come is away. */
const LOOK_AGAIN_MS = 5_000;
const READ_MS = 30_000;

/**
 * The list of `--drive-ids`, read once per worker process at the first need. While it cannot be read, as on a share that is
 * being mounted, files wait for it.
 */
export class DriveIdsFile {
  readonly #path: string;
  readonly #now: () => number;
  #ids: DriveIds | undefined;
  #reading: Promise<string | undefined> | undefined;
  #problem: { readonly text: string; readonly at: number } | undefined;

  constructor(path: string, now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
  }

  /** The copy to ask for in place of a file, if the list has one. */
  async copyOf(
    drive: DriveFile | undefined,
    file: FileSpec,
  ): Promise<{ readonly copy: DriveFile | undefined } | { readonly failure: SourceFailure }> {
    const problem = this.#ids === undefined ? await this.#read() : undefined;
    if (problem === undefined)
      return { copy: (drive && this.#ids?.get(drive.id)) ?? this.#ids?.get(file.path) };
    const detail = `flag [--drive-ids]: [file=${printable(this.#path, 100)}]: ${problem}`;
    return { failure: sourceFailure('source-not-mounted', detail) };
  }

  async #read(): Promise<string | undefined> {
    const known = this.#problem;
    if (known !== undefined && this.#now() - known.at < LOOK_AGAIN_MS) return known.text;
    this.#reading ??= this.#readOnce();
    return this.#reading;
  }

  async #readOnce(): Promise<string | undefined> {
    const late = new AbortController();
    const timeout = delay(READ_MS, 'expected it within 30 s, got nothing', {
      signal: late.signal,
      ref: false,
    });
    const text = await Promise.race([this.#load(), timeout.catch(() => undefined)]);
    late.abort();
    this.#reading = undefined;
    this.#problem = text === undefined ? undefined : { text, at: this.#now() };
    return text;
  }

  async #load(): Promise<string | undefined> {
    const read = await readDriveIds(this.#path);
    if ('problem' in read) return read.problem;
    this.#ids = read.ids;
    return undefined;
  }
}

/** Reads the list; a problem is "expected ..., got ...". */
async function readDriveIds(
  path: string,
): Promise<{ readonly ids: DriveIds } | { readonly problem: string }> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = await handle.stat();
      if (!info.isFile()) return { problem: 'expected a regular file, got something else' };
      if (info.size > MOST_DRIVE_IDS_BYTES)
        return { problem: `expected at most ${MOST_DRIVE_IDS_BYTES} bytes, got ${info.size}` };
      const bytes = Buffer.alloc(info.size);
      let length = 0;
      for (let read = -1; length < bytes.length && read !== 0; length += read)
        read = (await handle.read(bytes, length)).bytesRead;
      return parseDriveIds(bytes.toString('utf8', 0, length));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { problem: `expected a file that can be read, got ${code}` };
  }
}
