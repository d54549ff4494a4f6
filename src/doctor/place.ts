import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../domain/failure/store-failure.ts';
import { type FileSystem, fileSystemOf } from './file-systems.ts';
import { type Mount, mountOf } from './mounts.ts';

/** Where a path lies, or will lie once it is made. */
export interface Place {
  /** The path itself, or the nearest folder above it that is there. */
  readonly nearest: string;
  /** Without symbolic links. */
  readonly real: string;
  readonly isThere: boolean;
  readonly info: Stats;
  /** Undefined where the system does not tell. */
  readonly mount: Mount | undefined;
  readonly fileSystem: FileSystem | undefined;
}

/** Looks and makes nothing. Throws the system's errors. */
export function lookAt(path: string): Place {
  let nearest = path;
  for (;;) {
    try {
      const info = statSync(nearest);
      const real = realpathSync(nearest);
      const mount = mountAt(real);
      const fileSystem = mount && fileSystemOf(mount.type);
      return { nearest, real, isThere: nearest === path, info, mount, fileSystem };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || dirname(nearest) === nearest) throw error;
      nearest = dirname(nearest);
    }
  }
}

/** `ext4 (/dev/sda1)`. */
export function mountWords({ mount }: Pick<Place, 'mount'>): string {
  return mount === undefined ? 'a file system of unknown type' : `${mount.type} (${mount.source})`;
}

function mountAt(real: string): Mount | undefined {
  try {
    return mountOf(real, readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return undefined;
  }
}
