import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { OptionValues } from 'commander';
import { zipKeys } from '../../../domain/dataset/asked-files.ts';
import { refused } from '../../../domain/failure/command-failure.ts';
import { kinds } from '../../../domain/kinds.ts';
import type { Folders } from '../values/out-folder.ts';

const packed = ['images', 'thumbs', 'wilds', 'tfrecords'] as const;

/** Where `--zips` lays the archives that hold what is asked for; of everything, where no kind is. Looks at no disk. */
export function fetchedZips(values: OptionValues, folders: Folders): readonly string[] {
  const asked = packed.filter((kind) => values[kind] === true);
  const out: unknown = values.out;
  const folder = join(resolve(folders.given, typeof out === 'string' ? out : '.'), kinds.zips.folder);
  return (asked.length > 0 ? asked : packed)
    .map((kind) => `${kinds[kind].folder.split('/')[0]}.zip`)
    .filter((key) => zipKeys.includes(key))
    .map((key) => join(folder, key));
}

/** A run would wait for a missing one as for a disk that is not mounted; `flag`: what names others. */
export function refuseUnfetchedZips(flag: string, places: readonly string[]): void {
  const missing = places.filter((place) => !existsSync(place));
  if (missing.length === 0) return;
  throw refused(
    `flag [${flag}]: expected zips, or in their place what --zips has fetched, got neither: ${missing.join(', ')} ` +
      `${missing.length === 1 ? 'is' : 'are'} not there`,
  );
}
