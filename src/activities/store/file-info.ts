import { type BigIntStats, createReadStream, lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { errorCode, storeErrorFrom } from '../../domain/failure/store-failure.ts';

/** What lies at a path, links not followed; undefined where nothing does. */
export async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    // No file can have a name that the file system does not take.
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

/** Size and mtime as verification records hold them. */
export function onDisk(info: BigIntStats): { readonly size: number; readonly mtime: string } {
  return { size: Number(info.size), mtime: String(info.mtimeNs) };
}

/** The event loop gives this much at a time to looks. */
const SLICE_MS = 8;

/** A disk that answers fewer looks than this in a slice is behind a network, and is asked many questions at once. */
const LOCAL_LOOKS = 64;

function lookSync(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return undefinedIfOfOne(error);
  }
}

function look(path: string): Promise<BigIntStats | undefined> {
  return lstatIfThere(path).catch(undefinedIfOfOne);
}

/** One file that cannot be looked at is no reason not to plan the others; whoever settles it will name what is wrong. */
function undefinedIfOfOne(error: unknown): undefined {
  const failure = storeErrorFrom(error, 'looking');
  if (failure?.reason === 'not-mounted' || failure?.reason === 'machine-short') throw error;
}

/**
 * What lies at many paths; undefined where nothing does, or nothing that can be looked at. A local disk answers sooner than a look takes its way through the thread pool, ten times
 * over, so it is asked directly, in slices that leave room for heartbeats.
 */
export async function lstatMany(paths: readonly string[]): Promise<(BigIntStats | undefined)[]> {
  const seen: (BigIntStats | undefined)[] = [];
  while (seen.length < paths.length) {
    const started = performance.now();
    const before = seen.length;
    while (seen.length < paths.length && performance.now() - started < SLICE_MS) {
      seen.push(lookSync(paths[seen.length] ?? ''));
    }
    if (seen.length < paths.length && seen.length - before < LOCAL_LOOKS) break;
    await setImmediate();
  }
  for (let at = seen.length; at < paths.length; at += LOCAL_LOOKS) {
    seen.push(...(await Promise.all(paths.slice(at, at + LOCAL_LOOKS).map(look))));
  }
  return seen;
}

/** MD5 of a file, read as a stream. */
export async function md5OfFile(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Md5> {
  const hash = runningMd5();
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2, signal })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  return hash.digest();
}
