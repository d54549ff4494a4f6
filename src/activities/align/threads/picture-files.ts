/*
 * The files of a face, read and synced in the worker's own process: a thread that computes one picture does not wait for
 * the disk that brings the next one, nor for the one that keeps the last.
 */

import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import type { AlignFailureReason } from '../../../domain/failure/align-failure.ts';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import { readerOf } from '../../folders/read-at.ts';
import { removeFile } from '../../folders/remove-file.ts';
import type { MemoryBudget } from '../../png/memory-budget.ts';
import type { AlignAnswer, AlignTask, ThreadTask } from './align-task.ts';
import { pictureNeeds } from './picture-memory.ts';
import type { SharedMemory } from './shared-memory.ts';

/** The whole file is read at once; no photograph is larger. */
const MOST_BYTES = 1024 ** 3;
/** Between two of these it is seen that nobody wants the picture any more. */
const PIECE_BYTES = 8 * 1024 ** 2;

/** What originals are read into. */
export interface OriginalsMemory {
  readonly shared: SharedMemory;
  /** Of the process. */
  readonly budget: MemoryBudget;
}

/**
 * Answers what `work` makes of an original's bytes, or why there is nothing to work on. It waits for the memory that the
 * picture will need, and only then is the file read: the usual PNG into shared memory, any other by the thread itself, from
 * the same open file. Throws the signal's reason, and what the file system says except that there is no such file.
 */
export async function withOriginal(
  task: AlignTask,
  { shared, budget }: OriginalsMemory,
  signal: AbortSignal,
  work: (bytes: ThreadTask['bytes']) => Promise<AlignAnswer>,
): Promise<AlignAnswer> {
  const { path, size, mayBeLink = true } = task.original;
  let handle: FileHandle;
  try {
    // Not to wait for somebody to write into what turns out to be a pipe.
    handle = await open(
      path,
      constants.O_RDONLY | constants.O_NONBLOCK | (mayBeLink ? 0 : constants.O_NOFOLLOW),
    );
  } catch (error) {
    if (!['ENOENT', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
    const there = await lstat(path).catch(() => undefined);
    const got = there?.isSymbolicLink() ? 'a link that leads nowhere' : 'nothing';
    return failed('missing-original', `expected a file, got ${got}`);
  }
  try {
    const info = await handle.stat();
    if (!info.isFile()) return failed('missing-original', 'expected a regular file, got something else');
    if (info.size > MOST_BYTES) {
      return failed('unsupported-original', `expected at most ${MOST_BYTES} bytes, got ${info.size}`);
    }
    if (size !== undefined && info.size !== size) {
      return failed('wrong-original', `expected ${size} bytes, got ${info.size}`);
    }
    const needs = await pictureNeeds(task, info.size, readerOf(handle));
    return await budget.use(needs.bytes, signal, () => {
      if (!needs.isPlain) return work({ fd: handle.fd, size: info.size });
      return shared.use(info.size, async (bytes) => {
        const length = await fill(bytes, handle, signal);
        if (length === bytes.length) return work(bytes);
        return failed('wrong-original', `expected ${bytes.length} bytes, got ${length} before the end`);
      });
    });
  } finally {
    await handle.close();
  }
}

/** How many bytes there were. */
async function fill(bytes: Uint8Array, handle: FileHandle, signal: AbortSignal): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE_BYTES, bytes.length - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

/** A written file's way to the disk. Throws what the file system says; then nothing is left. */
export async function syncFile(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await removeFile(path);
    throw error;
  }
}

function failed(reason: AlignFailureReason, detail: string): AlignAnswer {
  return { status: 'failed', failure: { reason, detail } };
}
