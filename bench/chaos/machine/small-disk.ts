import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the datasets arrive: a file system that can be full. */
export interface SmallDisk {
  readonly folder: string;
  /** False: no right to mount, so it is a plain folder that is never full. */
  readonly canFill: boolean;
  /** Somebody else's file takes all but so many bytes. */
  fill(leftBytes: number): void;
  free(): void;
  close(): void;
}

export function mountSmallDisk(folder: string, mebibytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  const words = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder];
  const canFill = spawnSync('mount', words).status === 0;
  const ballast = join(folder, 'of-somebody-else');
  return {
    folder,
    canFill,
    fill: (leftBytes) => {
      const { bavail, bsize } = statfsSync(folder);
      const bytes = bavail * bsize - leftBytes;
      // Others write meanwhile: what does not fit any more is full enough.
      if (bytes > 0) spawnSync('fallocate', ['-l', String(bytes), ballast]);
    },
    free: () => rmSync(ballast, { force: true }),
    close: () => {
      if (canFill) execFileSync('umount', ['-l', folder]);
    },
  };
}
