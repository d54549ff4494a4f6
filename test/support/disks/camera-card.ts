import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Its file system has no hard links, and counts its inode numbers anew at each mount, as its files are looked at. */
export interface CameraCard {
  /** Where it is mounted, until it is mounted elsewhere. */
  readonly folder: string;
  /** Answers where; `first`: folders of the card that are looked at before all others. */
  mountElsewhere(first: readonly string[]): string;
}

/** Gone after the test; undefined where none can be made. */
export function cameraCard(): CameraCard | undefined {
  const root = mkdtempSync(join(tmpdir(), 'ffhq-card-'));
  const image = join(root, 'image');
  writeFileSync(image, Buffer.alloc(4 * 1024 ** 2));
  const loop = String(spawnSync('losetup', ['-f', '--show', image]).stdout ?? '').trim();
  const works = (program: string, ...words: string[]) => spawnSync(program, words).status === 0;
  let mounted: string | undefined;
  const mountBy = (program: string) => {
    const folder = mkdtempSync(join(root, 'card-'));
    if (works(program, loop, folder)) mounted = folder;
    return mounted;
  };
  const takeOut = () => {
    if (mounted !== undefined) execFileSync('umount', [mounted]);
    mounted = undefined;
  };
  const remove = () => {
    takeOut();
    if (loop !== '') spawnSync('losetup', ['-d', loop]);
    rmSync(root, { recursive: true });
  };
  for (const [make, mount] of [
    ['mkfs.vfat', 'mount'],
    ['mkfs.exfat', 'mount.exfat-fuse'],
  ] as const) {
    const folder = works(make, image) ? mountBy(mount) : undefined;
    if (folder === undefined) continue;
    onTestFinished(remove);
    const mountElsewhere = (first: readonly string[]): string => {
      takeOut();
      const elsewhere = mountBy(mount);
      if (elsewhere === undefined) throw new Error(`expected ${mount} to work again, got an error`);
      for (const name of first) statSync(join(elsewhere, name));
      return elsewhere;
    };
    return { folder, mountElsewhere };
  }
  remove();
  return undefined;
}
