import { BadArchiveError, MOST_MEMBERS, MOST_NAME_BYTES } from '../../../domain/archive/bad-archive.ts';
import { type Member, MemberTable, ODD, STORED } from '../../../domain/archive/member-table.ts';
import {
  type AboutNext,
  filledUp,
  readAboutNext,
  readTarHeader,
  TAR_BLOCK,
  type TarHeader,
} from '../../../domain/archive/tar-header.ts';
import { type Access, type ArchiveVersion, type Failed, readBytes } from './access.ts';
import type { OpenedArchive } from './open-zip.ts';

/** Bytes that are read for a header: with room for the pax fields and the long name that may stand before it. */
const HOP_BYTES = 4 * 1024;

/** Behind a member that is smaller than this, the next headers are read together with the members between them. */
const SMALL = 128 * 1024;
const THROUGH_BYTES = 1024 ** 2;

/** Bytes of a name for which a header has room. */
const SHORT_NAME = 100;
const NO_NAME = new Uint8Array();

/** Headers in a tar, of members and of what speaks of them. */
const MOST_HEADERS = 3 * MOST_MEMBERS;

/** As far as a tar's headers were read: another attempt goes on from there. */
export interface TarProgress {
  readonly version: ArchiveVersion;
  readonly table: MemberTable;
  /** Of the next header. */
  at: number;
  headers: number;
}

/** Where the progress of a tar is kept. */
export interface TarKeeper {
  /** What an attempt that was cut off had read of this version; goes on being filled. */
  begin(version: ArchiveVersion): Promise<TarProgress>;
  /** A member was added; the next one waits for it. */
  grew(progress: TarProgress): Promise<void>;
}

/**
 * Reads the headers of a tar, one after the other: each says where the next one lies. Bodies are stepped over, unless they
 * are so small that one read brings many headers.
 *
 * @throws what a body throws, and BadArchiveError
 */
export async function openTar(
  access: Access,
  signal: AbortSignal,
  keeper?: TarKeeper,
): Promise<OpenedArchive | Failed> {
  const seen = await access.look(signal);
  if (seen.status === 'failed') return seen;
  const { version } = seen;
  const progress = (await keeper?.begin(version)) ?? newProgress(version);
  const window = new Window(access, version, signal);
  const feed: TarFeed = {
    bytes: (at, length) => window.bytes(at, length),
    saw(member) {
      window.saw(member);
      return keeper?.grew(progress);
    },
  };
  const failed = await readHeaders(feed, progress);
  return failed ?? { status: 'opened', version, table: progress.table, end: version.size };
}

/** Where headers are read, one behind the other. */
export interface TarFeed {
  /** So many bytes at this place, which lies behind those before. */
  bytes(at: number, length: number): Promise<Uint8Array | Failed>;
  /** A member was added to the table: the last one, whose bytes come next. */
  saw(member: Member): Promise<void> | void;
}

/** Reads the headers that are left; undefined: all of them. Throws BadArchiveError, and what the feed throws. */
export async function readHeaders(feed: TarFeed, progress: TarProgress): Promise<Failed | undefined> {
  const { version, table } = progress;
  const { size } = version;
  let about: AboutNext = {};
  let zeros = 0;
  let at = progress.at;
  for (; at + TAR_BLOCK <= size; ) {
    if (progress.headers++ === MOST_HEADERS)
      throw new BadArchiveError(`expected at most ${MOST_HEADERS} headers, got more`);
    const block = await feed.bytes(at, TAR_BLOCK);
    if ('status' in block) return block;
    const header = readTarHeader(block);
    at += TAR_BLOCK;
    if (header === undefined) {
      if (++zeros === 2) return undefined;
      continue;
    }
    zeros = 0;
    const isAbout = header.is === 'pax' || header.is === 'long-name';
    const bytes = (isAbout ? undefined : about.size) ?? header.size;
    if (at + bytes > size)
      throw new BadArchiveError(
        `expected a member that ends before ${size}, got one that ends at ${at + bytes}`,
      );
    if (isAbout) {
      const data = await feed.bytes(at, bytes);
      if ('status' in data) return data;
      about = { ...about, ...readAboutNext(header, data) };
    } else {
      const isAdded = addMember(table, header, about, at, bytes);
      about = {};
      // Between a header and what speaks of it nobody goes on.
      progress.at = at + filledUp(bytes);
      if (isAdded) await feed.saw(table.at(table.count - 1));
    }
    at += filledUp(bytes);
  }
  return undefined;
}

/** Does a member still lie where the index has it? Of an archive that nothing but its size tells from another one. */
export async function liesThere(
  access: Access,
  { version, table }: Pick<OpenedArchive, 'version' | 'table'>,
  index: number,
  signal: AbortSignal,
): Promise<boolean | Failed> {
  const { offset, size } = table.at(index);
  const read = await access.read({ offset: offset - TAR_BLOCK, end: offset }, version, signal);
  if (read.status === 'failed') return read;
  const header = headerIn(await readBytes(read.body, TAR_BLOCK));
  const name = table.nameAt(index);
  // Of a longer one no more than its beginning, or something else, stands there.
  const isCalled = name.length > SHORT_NAME || Buffer.compare(name, header?.name ?? NO_NAME) === 0;
  return header?.is === 'file' && header.size === size && isCalled;
}

function headerIn(block: Uint8Array): TarHeader | undefined {
  try {
    return readTarHeader(block);
  } catch (error) {
    if (error instanceof BadArchiveError) return undefined;
    throw error;
  }
}

export function newProgress(version: ArchiveVersion): TarProgress {
  return { version, table: new MemberTable(), at: 0, headers: 0 };
}

function addMember(
  table: MemberTable,
  { is, name }: TarHeader,
  about: AboutNext,
  offset: number,
  size: number,
): boolean {
  const called = about.name ?? name;
  // No file of a dataset is called so, and a million of them would fill the memory.
  if (is !== 'file' || called.length > MOST_NAME_BYTES) return false;
  const method = about.isSparse === true ? ODD : STORED;
  table.add(called, { offset, size, packed: size, method, head: 0 });
  return true;
}

/** The bytes that were read last, and the next ones where those do not reach. */
class Window {
  readonly #access: Access;
  readonly #version: ArchiveVersion;
  readonly #signal: AbortSignal;
  #from = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = HOP_BYTES;

  constructor(access: Access, version: ArchiveVersion, signal: AbortSignal) {
    this.#access = access;
    this.#version = version;
    this.#signal = signal;
  }

  /** A member's size: the next ones are like it. */
  saw({ size }: Member): void {
    this.#length = size < SMALL ? THROUGH_BYTES : HOP_BYTES;
  }

  async bytes(at: number, length: number): Promise<Uint8Array | Failed> {
    if (length === 0) return new Uint8Array(0);
    if (at < this.#from || at + length > this.#from + this.#bytes.length) {
      const end = Math.min(this.#version.size, at + Math.max(length, this.#length));
      const read = await this.#access.read({ offset: at, end }, this.#version, this.#signal);
      if (read.status === 'failed') return read;
      this.#bytes = await readBytes(read.body, end - at);
      this.#from = at;
    }
    return this.#bytes.subarray(at - this.#from, at - this.#from + length);
  }
}
