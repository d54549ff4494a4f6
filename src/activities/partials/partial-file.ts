import { type FileHandle, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownedPartial, releasedPartial } from '../../domain/dataset/partial-name.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { createAnew, isMisleading, openOwn } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { lstatIfThere } from '../store/file-info.ts';
import type { WriterProcess } from '../store/writer.ts';
import { isBarred, renameIfThere, takeOver, type WhileHeld } from './left-partials.ts';
import { SyncBehind } from './sync-behind.ts';

/** How long an attempt may take its name for granted: far less than any other waits before taking it. */
const LOOK_MS = 1_000;

/** What an attempt does about the bytes that another left. */
export interface Resuming {
  /** Goes on with them. Without a digest nothing would tell whether two halves belong together. */
  readonly resumes: boolean;
  /** @default 'leave' */
  readonly whileHeld?: WhileHeld;
  /** Bytes of the file that is to come, at most. @default any */
  readonly most?: number;
  /** Asked before bytes are copied. @default there is room */
  readonly checkSpace?: (bytes: number) => Promise<void>;
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

/** Which file it is, and whether anybody has written to it since. */
export interface FileState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export class PartialLostError extends Error {
  override readonly name = 'PartialLostError';
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
  /** Nobody else can write to it, as far as its name tells. */
  readonly isSure: boolean;
  /** As it lay there; undefined: begun by this attempt. */
  readonly taken: FileState | undefined;
  readonly #behind = new SyncBehind();
  #size: number;
  #ended = false;
  /** The name was made or taken a moment ago. */
  #lookedAt: Moment | undefined = thisMoment();

  private constructor(folder: string, target: string, writer: string, me: WriterProcess, left?: LeftBytes) {
    this.#folder = folder;
    this.#target = target;
    this.isSure = left?.isSure ?? true;
    this.#path = join(folder, ownedPartial(target, writer, this.isSure));
    this.#writer = writer;
    this.#me = me;
    this.#handle = left?.handle;
    this.taken = left?.state;
    this.#size = Number(left?.state.size ?? 0);
  }

  /**
   * Goes on with what an earlier attempt left, or begins with nothing. `names`: what the survey has for the target. Throws
   * `partial-held` where the attempt should rather wait.
   */
  static async take(
    folder: string,
    target: string,
    names: readonly string[],
    me: WriterProcess,
    { resumes, whileHeld = 'leave', most = Number.POSITIVE_INFINITY, checkSpace = async () => {} }: Resuming,
  ): Promise<PartialFile> {
    const writer = me.beginAttempt();
    const sure = join(folder, ownedPartial(target, writer));
    const unsure = join(folder, ownedPartial(target, writer, false));
    try {
      const left = resumes
        ? await takeOver(folder, names, { sure, unsure }, me, { whileHeld, most, checkSpace })
        : undefined;
      if (left?.heldBytes) {
        throw new StoreError(
          'partial-held',
          `partial [file=${target}]: expected none in the hands of another writer, got one of ${left.heldBytes} bytes, written a moment ago`,
        );
      }
      const handle = left?.taken === undefined ? undefined : await openIfAllowed(left.taken);
      if (handle === undefined) return new PartialFile(folder, target, writer, me);
      const state = await handle.stat({ bigint: true });
      // A write, by the file system's clock: one that was stale a moment ago must not look so under its new name.
      await handle.truncate(Number(state.size));
      const isSure = left?.taken === sure;
      return new PartialFile(folder, target, writer, me, { handle, state, isSure });
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
    this.#behind.rethrow();
    const { bytesWritten } = await handle.writev(pieces, this.#size);
    this.#size += bytesWritten;
    this.#behind.wrote(handle, bytesWritten);
    // A disk that is all but full takes a part; the rest then meets the error.
    if (bytesWritten < wanted) await this.append([Buffer.concat(pieces).subarray(bytesWritten)]);
  }

  /** Other bytes in place of those at `at`, all of them within what is there. */
  async patch(at: number, bytes: Uint8Array): Promise<void> {
    const handle = await this.#checkedHandle();
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  }

  async truncate(size: number): Promise<void> {
    this.#lookedAt = undefined;
    await (await this.#checkedHandle()).truncate(size);
    this.#size = size;
  }

  async sync(): Promise<void> {
    await this.#behind.over();
    this.#behind.rethrow();
    await (await this.#opened()).sync();
  }

  /** As it is now; of one that nobody has begun it is the state of an empty file. */
  async state(): Promise<FileState> {
    return (await this.#opened()).stat({ bigint: true });
  }

  /**
   * Under its final name; the caller has verified and synced, whether it wrote here or had somebody write to
   * {@link path}. Answers what `lstat` will say of it, and tells `before` so, ahead of the name.
   */
  async promote(before?: (placed: Placed) => Promise<void>): Promise<Placed> {
    const info = this.#handle
      ? await this.#handle.stat({ bigint: true })
      : await lstat(this.#path, { bigint: true });
    if (!info.isFile()) throw this.#lost();
    const { size, mtimeNs } = info;
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
    const released = join(this.#folder, releasedPartial(this.#target, this.isSure));
    const other = await sizeOf(released);
    if (this.#size === 0 || (other !== undefined && other >= this.#size)) await removeFile(this.#path);
    else await renameIfThere(this.#path, released);
  }

  /** The bytes are worthless. */
  async discard(): Promise<void> {
    if (this.#ended) return;
    await this.#end();
    await removeFile(this.#path);
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#me.endAttempt(this.#writer);
    await this.#behind.over();
    await this.#handle?.close();
  }

  async #opened(): Promise<FileHandle> {
    this.#handle ??= await createAnew(this.#path);
    return this.#handle;
  }

  #lost(): PartialLostError {
    return new PartialLostError(`partial [path=${this.#path}]: taken by another attempt`);
  }

  /** A process that slept through its replacement finds the clock far ahead when it wakes, and looks. */
  async #checkedHandle(): Promise<FileHandle> {
    const now = thisMoment();
    const isNew = this.#handle === undefined;
    const handle = await this.#opened();
    if (isNew || isJustAfter(this.#lookedAt, now)) return handle;
    try {
      if ((await lstat(this.#path)).ino === (await handle.stat()).ino) {
        this.#lookedAt = now;
        return handle;
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    throw this.#lost();
  }
}

/** What an attempt goes on with. */
interface LeftBytes {
  readonly handle: FileHandle;
  readonly state: FileState;
  readonly isSure: boolean;
}

/** By two clocks: the steady one stands still while the machine sleeps, the other one can be set. */
interface Moment {
  readonly steady: number;
  readonly wall: number;
}

function thisMoment(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

/** No by either clock is no: to look once too often costs nothing. */
function isJustAfter(before: Moment | undefined, now: Moment): boolean {
  if (before === undefined) return false;
  const wall = now.wall - before.wall;
  return now.steady - before.steady < LOOK_MS && wall >= 0 && wall < LOOK_MS;
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

/** Bytes that may not be touched, that a disk does not give back, or that lie elsewhere, are not worth a fault: the file begins anew. */
async function openIfAllowed(path: string): Promise<FileHandle | undefined> {
  try {
    return await openOwn(path);
  } catch (error) {
    if (!isBarred(error) && !isMisleading(error)) throw error;
    await removeFile(path);
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const info = await lstatIfThere(path);
  return info === undefined ? undefined : Number(info.size);
}
