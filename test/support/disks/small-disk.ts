import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Making a small file system takes rights that not everybody has. */
export function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-may-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

/** A file system of so many MiB, gone after the test. */
export function smallDisk(mebibytes: number): string {
  const disk = mkdtempSync(join(tmpdir(), 'ffhq-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });
  return disk;
}

/** A file system without hard links, as on a camera's card, gone after the test; undefined where none can be made. */
export function linklessDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-linkless-'));
  const image = join(folder, 'image');
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  writeFileSync(image, Buffer.alloc(4 * 1024 ** 2));
  const works = (program: string, ...words: string[]) => spawnSync(program, words).status === 0;
  const loop = String(spawnSync('losetup', ['-f', '--show', image]).stdout ?? '').trim();
  const isMade =
    (works('mkfs.vfat', image) && works('mount', loop, disk)) ||
    (works('mkfs.exfat', image) && works('mount.exfat-fuse', loop, disk));
  const remove = () => {
    if (isMade) execFileSync('umount', ['-l', disk]);
    if (loop !== '') spawnSync('losetup', ['-d', loop]);
    rmSync(folder, { recursive: true });
  };
  if (isMade) onTestFinished(remove);
  else remove();
  return isMade ? disk : undefined;
}

/** Somebody else's file takes what is free but for `left` bytes; answers how to remove it. */
export function fillDisk(disk: string, left: number): () => void {
  const { bavail, bsize } = statfsSync(disk);
  const file = join(disk, 'of-somebody-else');
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  return () => rmSync(file);
}
