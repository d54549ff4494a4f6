import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../domain/dataset/layout.ts';

/**
 * File systems that make inode numbers up, and others after a mount: FUSE (sshfs, rclone), SMB, FAT, exFAT, 9P (numbers:
 * `include/uapi/linux/magic.h` of the Linux kernel).
 */
const PASSING: ReadonlySet<number> = new Set([
  0x65735546, 0xff534d42, 0xfe534d42, 0x517b, 0x4d44, 0x2011bab0, 0x01021997,
]);

/**
 * Inode of the store's `.ffhq`: the same over mounts of one file system, whatever the path, and another one in a copy.
 * Undefined where such numbers do not last.
 */
export async function lastingInode(storePath: string): Promise<string | undefined> {
  const folder = join(storePath, STATE_FOLDER);
  if (PASSING.has((await statfs(folder)).type)) return undefined;
  return String((await stat(folder, { bigint: true })).ino);
}
