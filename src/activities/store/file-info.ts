import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { errorCode } from '../../domain/store-failure.ts';

/** What lies at a path, links not followed; undefined where nothing does. */
export async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Size and mtime as verification records hold them. */
export function onDisk(info: BigIntStats): { readonly size: number; readonly mtime: string } {
  return { size: Number(info.size), mtime: String(info.mtimeNs) };
}
