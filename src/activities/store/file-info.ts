import type { BigIntStats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { atFile } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';

/** What lies at a path, links not followed; undefined where nothing does. */
export async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (saysNothingThere(error)) return undefined;
    throw error;
  }
}

/** No file can have a name that the file system does not take, or lie below another file. */
function saysNothingThere(error: unknown): boolean {
  return ['ENOENT', 'ENAMETOOLONG', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

/** Size and mtime as verification records hold them. */
export function onDisk(info: BigIntStats): { readonly size: number; readonly mtime: string } {
  return { size: Number(info.size), mtime: String(info.mtimeNs) };
}

/** When the file came to be, in nanoseconds: another one in its place has another moment. '0': the disk does not tell. */
export function bornOf(info: BigIntStats): string {
  return String(info.birthtimeNs);
}

/** What a look at a path saw. */
export interface Seen {
  readonly isFile: boolean;
  readonly size: number;
  /** As verification records hold it. */
  readonly mtime: string;
  /** As {@link bornOf} tells it. */
  readonly born: string;
}

export function seenAs(info: BigIntStats): Seen {
  return { ...onDisk(info), isFile: info.isFile(), born: bornOf(info) };
}

/** What a path leads to, by links too: for what the user named. A link that leads nowhere is no file. */
export async function whatIs(path: string): Promise<Pick<Seen, 'isFile' | 'size'>> {
  try {
    return seenAs(await stat(path, { bigint: true }));
  } catch (error) {
    // A link may lead to itself.
    if (saysNothingThere(error) || errorCode(error) === 'ELOOP') return { isFile: false, size: 0 };
    throw error;
  }
}

/** Looks at many paths, links not followed, where a disk that does not answer holds nothing else. */
export interface ManyLooks {
  /** In the paths' order; undefined where nothing lies, or nothing that can be looked at. Throws the signal's reason, and what the disk says. */
  look(paths: readonly string[], signal: AbortSignal): Promise<(Seen | undefined)[]>;
}

/** MD5 of a file, read as a stream; no link is followed to it. */
export async function md5OfFile(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Md5> {
  const hash = runningMd5();
  // Opened and held by its descriptor: what comes to lie at its path meanwhile is not read.
  const handle = await atFile(path, openToRead);
  for await (const chunk of handle.createReadStream({ highWaterMark: 1024 ** 2, signal })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  return hash.digest();
}
