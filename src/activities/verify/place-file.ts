import { closeSync, fstatSync, fsync, renameSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { createAnewSync } from '../folders/real-file.ts';
import { removeFileSync } from '../folders/remove-file.ts';
import type { Placed, PlaceTask } from '../partials/partial-file.ts';
import { type Verdict, type VerifyTools, verifyFile } from './verify-file.ts';
import type { PlaceAnswer } from './verify-task.ts';

/** The one step that waits for the disk: others of the thread go on meanwhile. */
const synced = promisify(fsync);

/** Over before anybody could wait for it. */
const never = new AbortController().signal;

/**
 * The whole way of a file that came in one piece: written under a name of its own, read back, verified, synced, renamed.
 * A system call takes less than its way through the thread pool and back, seven times per thumbnail, so the thread
 * makes them itself. What is not placed is not left behind.
 */
export async function placeFile(
  spec: FileSpec,
  { bytes, path, target }: PlaceTask,
  tools: VerifyTools,
): Promise<PlaceAnswer> {
  let isPlaced = false;
  try {
    const { verdict, placed } = await written(spec, bytes, path, tools);
    if (verdict.status === 'wrong') return verdict;
    if (!isRenamed(path, target)) return { status: 'lost' };
    isPlaced = true;
    return { status: 'placed', verdict, placed };
  } finally {
    if (!isPlaced) removeFileSync(path);
  }
}

async function written(
  spec: FileSpec,
  bytes: Uint8Array,
  path: string,
  tools: VerifyTools,
): Promise<{ readonly verdict: Verdict; readonly placed: Placed }> {
  const fd = createAnewSync(path);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
    const verdict = await verifyFile(spec, fd, tools, never);
    if (verdict.status === 'right') await synced(fd);
    const { size, mtimeNs } = fstatSync(fd, { bigint: true });
    return { verdict, placed: { size: Number(size), mtime: String(mtimeNs) } };
  } finally {
    closeSync(fd);
  }
}

function isRenamed(path: string, target: string): boolean {
  try {
    renameSync(path, target);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
