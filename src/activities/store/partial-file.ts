import { type FileHandle, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownedPartial, parsePartialName, RELEASED_PARTIAL } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { lstatIfThere } from './file-info.ts';
import type { WriterProcess } from './writer.ts';

/*
 * An unfinished download lies beside its target, under one of two kinds of name:
 *
 *   00042.png.<writer>.ffhq-part   one attempt owns it and is (or was) writing
 *   00042.png.ffhq-part            its attempt ended in good order; anybody may take it
 *
 * Taking one over is an atomic rename to the taker's own name, so only one attempt gets it. An owned one is taken only
 * from a writer that cannot write any more: a dead process of this host, or an ended attempt of this very process. For
 * a writer on another host there is no such proof; it counts as gone after STALE_MS without a write, and it looks
 * before a write whether its name still leads to its file, in case it was only asleep. What nobody may take stays
 * until the target is stored.
 */

/** Several heartbeat timeouts: the server has long given the attempt up. By the file system's own clock. */
const STALE_MS = 5 * 60_000;

/** How long an attempt may take its name for granted: far less than any other waits before taking it. */
const LOOK_MS = 1_000;

/** Names in a folder, and among them the partial files, by target. */
export interface FolderSurvey {
  readonly names: ReadonlySet<string>;
  readonly partials: ReadonlyMap<string, readonly string[]>;
}

/** Bytes that came whole, and the two names they get: one of their own, and when they are right the final one. */
export interface PlaceTask {
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly target: string;
}

/** What `lstat` says of a file in its place. */
export interface Placed {
  readonly size: number;
  /** Nanoseconds, in decimal. */
  readonly mtime: string;
}

export class PartialLostError extends Error {
  override readonly name = 'PartialLostError';
}

/** One listing per bundle, in place of several looks per file. */
export async function surveyFolder(folder: string): Promise<FolderSurvey> {
  const names = new Set(await readdir(folder));
  const partials = new Map<string, string[]>();
  for (const name of names) {
    const partial = parsePartialName(name);
    if (partial === undefined) continue;
    const known = partials.get(partial.target);
    if (known) known.push(name);
    else partials.set(partial.target, [name]);
  }
  return { names, partials };
}

/** Removes what no living writer holds: for targets that are stored already. */
export async function removeAbandoned(
  folder: string,
  names: readonly string[],
  me: WriterProcess,
): Promise<void> {
  // An attempt that was seen writing may have put its bytes down since.
  const released = names.map((name) => `${parsePartialName(name)?.target}${RELEASED_PARTIAL}`);
  for (const name of new Set([...names, ...released])) {
    const writer = parsePartialName(name)?.writer;
    if (writer === undefined || me.fateOf(writer) === 'gone') await rm(join(folder, name), { force: true });
  }
}

/** A partial file that this attempt owns. */
export class PartialFile {
  readonly #folder: string;
  readonly #target: string;
  readonly #path: string;
  readonly #me: WriterProcess;
  readonly #writer: string;
  /** Opened with the first bytes: a file that comes whole is written by a thread. */
  #handle: FileHandle | undefined;
  #size: number;
  #ended = false;
  /** The name was made or taken a moment ago. */
  #lookedAt = performance.now();

  private constructor(
    folder: string,
    target: string,
    writer: string,
    me: WriterProcess,
    handle: FileHandle | undefined,
    size: number,
  ) {
    this.#folder = folder;
    this.#target = target;
    this.#path = join(folder, ownedPartial(target, writer));
    this.#writer = writer;
    this.#me = me;
    this.#handle = handle;
    this.#size = size;
  }

  /** Goes on with what an earlier attempt left, or begins with nothing. `names`: what the survey has for the target. */
  static async take(
    folder: string,
    target: string,
    names: readonly string[],
    me: WriterProcess,
    resume: boolean,
  ): Promise<PartialFile> {
    const writer = me.beginAttempt();
    const path = join(folder, ownedPartial(target, writer));
    try {
      if (!(resume && (await takeOver(folder, names, path, me)))) {
        return new PartialFile(folder, target, writer, me, undefined, 0);
      }
      const handle = await open(path, 'r+');
      return new PartialFile(folder, target, writer, me, handle, (await handle.stat()).size);
    } catch (error) {
      me.endAttempt(writer);
      throw error;
    }
  }

  get path(): string {
    return this.#path;
  }

  /** Nothing was taken over, and nothing written yet. */
  get isUntouched(): boolean {
    return this.#handle === undefined;
  }

  /** Bytes on the disk; the next byte's position. */
  get size(): number {
    return this.#size;
  }

  /** One system call, without gathering the pieces into one buffer first. */
  async append(pieces: readonly Uint8Array[]): Promise<void> {
    const handle = await this.#checkedHandle();
    const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (wanted === 0) return;
    const { bytesWritten } = await handle.writev(pieces, this.#size);
    this.#size += bytesWritten;
    // A disk that is all but full takes a part; the rest then meets the error.
    if (bytesWritten < wanted) await this.append([Buffer.concat(pieces).subarray(bytesWritten)]);
  }

  async truncate(size: number): Promise<void> {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    await (await this.#checkedHandle()).truncate(size);
    this.#size = size;
  }

  async sync(): Promise<void> {
    await (await this.#opened()).sync();
  }

  /**
   * Under its final name; the caller has verified and synced, whether it wrote here or had somebody write to
   * {@link path}. Answers what `lstat` will say of it, and tells `before` so, ahead of the name.
   */
  async promote(before?: (placed: Placed) => Promise<void>): Promise<Placed> {
    const { size, mtimeNs } = this.#handle
      ? await this.#handle.stat({ bigint: true })
      : await lstat(this.#path, { bigint: true });
    const placed = { size: Number(size), mtime: String(mtimeNs) };
    await before?.(placed);
    await this.#end();
    if (!(await renameIfThere(this.#path, join(this.#folder, this.#target)))) throw this.#lost();
    return placed;
  }

  /**
   * For an untouched one whose bytes came whole: `place` writes, verifies, syncs and renames them in one go, and leaves
   * nothing under the first name.
   */
  async placeWhole<Answer extends { readonly status: string }>(
    pieces: readonly Uint8Array[],
    place: (task: PlaceTask) => Promise<Answer>,
  ): Promise<Exclude<Answer, { status: 'lost' }>> {
    try {
      const target = join(this.#folder, this.#target);
      const answer = await place({ bytes: ownCopy(pieces), path: this.#path, target });
      if (answer.status === 'lost') throw this.#lost();
      return answer as Exclude<Answer, { status: 'lost' }>;
    } finally {
      await this.#end();
    }
  }

  /** Leaves the bytes for whoever goes on. */
  async release(): Promise<void> {
    if (this.#ended) return;
    await this.#end();
    const released = join(this.#folder, `${this.#target}${RELEASED_PARTIAL}`);
    const other = await sizeOf(released);
    if (this.#size === 0 || (other !== undefined && other >= this.#size))
      await rm(this.#path, { force: true });
    else await renameIfThere(this.#path, released);
  }

  /** The bytes are worthless. */
  async discard(): Promise<void> {
    if (this.#ended) return;
    await this.#end();
    await rm(this.#path, { force: true });
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#me.endAttempt(this.#writer);
    await this.#handle?.close();
  }

  async #opened(): Promise<FileHandle> {
    this.#handle ??= await open(this.#path, 'w+');
    return this.#handle;
  }

  #lost(): PartialLostError {
    return new PartialLostError(`partial [path=${this.#path}]: taken by another attempt`);
  }

  /** A process that slept through its replacement finds the clock far ahead when it wakes, and looks. */
  async #checkedHandle(): Promise<FileHandle> {
    const now = performance.now();
    const isNew = this.#handle === undefined;
    const handle = await this.#opened();
    if (isNew || now - this.#lookedAt < LOOK_MS) return handle;
    try {
      if ((await stat(this.#path)).ino === (await handle.stat()).ino) {
        this.#lookedAt = now;
        return handle;
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    throw this.#lost();
  }
}

/** One piece that can be given away: chunks of a body share their memory with others. */
function ownCopy(pieces: readonly Uint8Array[]): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    copy.set(piece, at);
    at += piece.length;
  }
  return copy;
}

/** Renames the best that may be taken to `path`; false when there is none. */
async function takeOver(
  folder: string,
  names: readonly string[],
  path: string,
  me: WriterProcess,
): Promise<boolean> {
  const candidates: { name: string; size: number }[] = [];
  let now: bigint | undefined;
  for (const name of names) {
    const info = await lstatIfThere(join(folder, name));
    if (!info?.isFile()) continue;
    const writer = parsePartialName(name)?.writer;
    const fate = writer === undefined ? 'gone' : me.fateOf(writer);
    if (fate === 'alive') continue;
    if (fate === 'unknown') {
      now ??= await fileSystemNow(path);
      if (now - info.mtimeNs < BigInt(STALE_MS) * 1_000_000n) continue;
    }
    candidates.push({ name, size: Number(info.size) });
  }
  candidates.sort((a, b) => b.size - a.size);
  for (const { name } of candidates) {
    if (await renameIfThere(join(folder, name), path)) return true;
  }
  return false;
}

/** Hosts' clocks differ; the file system's is the one that stamped the others. Leaves an empty file at `path`. */
async function fileSystemNow(path: string): Promise<bigint> {
  const handle = await open(path, 'wx+');
  try {
    return (await handle.stat({ bigint: true })).mtimeNs;
  } finally {
    await handle.close();
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const info = await lstatIfThere(path);
  return info === undefined ? undefined : Number(info.size);
}
