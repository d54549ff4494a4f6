import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BadArchiveError } from '../../../domain/archive/bad-archive.ts';
import { MemberTable } from '../../../domain/archive/member-table.ts';
import { readBytes } from '../../folders/real-file.ts';
import { removeFile } from '../../folders/remove-file.ts';
import { type Access, type ArchiveVersion, isMarked } from './access.ts';
import { newProgress, type TarProgress } from './open-tar.ts';

/** Below the cache folder. */
const FOLDER = 'archives';

const FORMAT = 'ffhq-tar-index 1';

/** Bytes of an index; that of 70,000 members has some 4 MB. */
const MOST_INDEX_BYTES = 160 * 1024 ** 2;

/** Milliseconds after which an index that grows is kept again, so that a process that dies loses no more than that. */
const KEPT_EVERY_MS = 5_000;

/** By so much longer than the last writing took is waited before the next one: of a long index, writing is a small part. */
const WAITS_LONGER = 20;

/** Indexes that are kept; the oldest go first. */
const MOST_INDEXES = 256;

/**
 * What was read of a tar's headers, on the disk: a line for each member. It is named by the archive's place and version, so
 * that of another version none is found; one that is damaged, of another program, or where another user could have written
 * it, is as none.
 */
export class TarIndexFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #key: string;
  #dueAt = performance.now() + KEPT_EVERY_MS;

  constructor(cacheDir: string, { place }: Access, { size, etag, date }: ArchiveVersion) {
    this.#key = createHash('sha256')
      .update(JSON.stringify([place, size, etag, date]))
      .digest('hex');
    this.#folder = join(cacheDir, FOLDER);
    this.#path = join(this.#folder, `${this.#key}.tar-index`);
  }

  /** Undefined where none is kept: without a folder, and of what another archive of the same size could take the place of. */
  static of(cacheDir: string | undefined, access: Access, version: ArchiveVersion): TarIndexFile | undefined {
    return cacheDir === undefined || !isMarked(version)
      ? undefined
      : new TarIndexFile(cacheDir, access, version);
  }

  /** Keeps one that was begun, if that was not done for some seconds. Nothing may be added to it meanwhile. */
  async keepUp(progress: TarProgress): Promise<void> {
    const begunAt = performance.now();
    if (begunAt < this.#dueAt) return;
    await this.write(progress, false);
    const now = performance.now();
    this.#dueAt = now + Math.max(KEPT_EVERY_MS, WAITS_LONGER * (now - begunAt));
  }

  /** It is believed no more. */
  async remove(): Promise<void> {
    await removeFile(this.#path).catch(() => {});
  }

  /** How far the headers of this version were read; at the beginning where nothing usable is kept. */
  async read(
    version: ArchiveVersion,
  ): Promise<{ readonly progress: TarProgress; readonly isWhole: boolean }> {
    const bytes = (await this.#isOwn())
      ? await readBytes(this.#path, MOST_INDEX_BYTES).catch(() => undefined)
      : undefined;
    const read = bytes === undefined ? undefined : parsedOrNone(bytes, this.#key, version);
    return read ?? { progress: newProgress(version), isWhole: false };
  }

  /** Keeps it; where the cache cannot be written to, the headers are read again another time. */
  async write(progress: TarProgress, isWhole: boolean): Promise<void> {
    const temporary = `${this.#path}.${randomBytes(6).toString('hex')}.new`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const handle = await open(temporary, 'wx', 0o600);
      try {
        const digest = createHash('sha256');
        let length = 0;
        for (const part of linesOf(progress, isWhole, this.#key)) {
          length += part.length;
          // Nobody would read it.
          if (length > MOST_INDEX_BYTES - DIGEST_LINE) throw new RangeError('the index is too long');
          digest.update(part);
          await handle.write(part);
        }
        await handle.write(`${digest.digest('hex')}\n`);
      } finally {
        await handle.close();
      }
      await rename(temporary, this.#path);
      await this.#sweep();
    } catch {
      await removeFile(temporary).catch(() => {});
    }
  }

  /** Nobody else's, and in no place where somebody else could have put it. */
  async #isOwn(): Promise<boolean> {
    const own = process.getuid?.();
    if (own === undefined) return true;
    const places = [this.#folder, this.#path].map((path) => lstat(path).catch(() => undefined));
    const infos = await Promise.all(places);
    return infos.every(
      (info) => info !== undefined && info.uid === own && (info.mode & WRITABLE_BY_OTHERS) === 0,
    );
  }

  async #sweep(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => /^[0-9a-f]{64}\.tar-index/.test(name));
    if (names.length <= MOST_INDEXES) return;
    const paths = names.map((name) => join(this.#folder, name));
    const ages = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
    ages.sort((one, other) => one.at - other.at);
    for (const { path } of ages.slice(0, names.length - MOST_INDEXES)) await unlink(path);
  }
}

const LINES_AT_A_TIME = 4096;

/** Of a file's mode. */
const WRITABLE_BY_OTHERS = 0o022;

/** Names are kept byte by byte; one with a newline in it names no file of the dataset. */
function* linesOf({ table, at, headers }: TarProgress, isWhole: boolean, key: string): Generator<Buffer> {
  yield Buffer.from(`${FORMAT} ${key} ${isWhole ? 'whole' : 'begun'} ${at} ${headers}\n`);
  let lines: Buffer[] = [];
  for (let index = 0; index < table.count; index++) {
    const name = table.nameAt(index);
    if (name.includes(NEWLINE)) continue;
    const { offset, size, method } = table.at(index);
    lines.push(Buffer.from(`${offset} ${size} ${method} `), Buffer.from(name), Buffer.from('\n'));
    if (lines.length < 3 * LINES_AT_A_TIME) continue;
    yield Buffer.concat(lines);
    lines = [];
  }
  yield Buffer.concat(lines);
}

/** What no archive may have, no index may say. */
function parsedOrNone(...[bytes, key, version]: Parameters<typeof parsed>): ReturnType<typeof parsed> {
  try {
    const read = parsed(bytes, key, version);
    // Its names are put in order at the first look.
    read?.progress.table.find('');
    return read;
  } catch (error) {
    if (error instanceof BadArchiveError) return undefined;
    throw error;
  }
}

function parsed(
  bytes: Buffer,
  key: string,
  version: ArchiveVersion,
): { readonly progress: TarProgress; readonly isWhole: boolean } | undefined {
  const end = bytes.length - DIGEST_LINE;
  if (end < 0) return undefined;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
  if (bytes.toString('latin1', end) !== `${digest}\n`) return undefined;
  let at = bytes.indexOf(NEWLINE) + 1;
  const head = bytes.toString('latin1', 0, Math.min(at, 512)).trim().split(' ');
  const how = head.at(-3);
  const [next = Number.NaN, headers = Number.NaN] = head.slice(-2).map(Number);
  if (
    head.slice(0, 3).join(' ') !== `${FORMAT} ${key}` ||
    !isPlace(next) ||
    !isPlace(headers) ||
    next > version.size
  )
    return undefined;
  const table = new MemberTable();
  while (at < end) {
    const newline = bytes.indexOf(NEWLINE, at);
    const line = /^([0-9]{1,16}) ([0-9]{1,16}) ([0-9]{1,5}) /.exec(
      bytes.toString('latin1', at, Math.min(at + 48, newline)),
    );
    if (line === null) return undefined;
    const [offset = 0, size = 0, method = 0] = line.slice(1).map(Number);
    if (offset + size > version.size) return undefined;
    table.add(bytes.subarray(at + line[0].length, newline), { offset, size, packed: size, method, head: 0 });
    at = newline + 1;
  }
  return {
    isWhole: how === 'whole',
    progress: { version, table, at: next, headers },
  };
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

const NEWLINE = 0x0a;
const DIGEST_LINE = 65;
