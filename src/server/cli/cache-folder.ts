import { chmodSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { refused } from '../../domain/failure/command-failure.ts';

/** Where an executable is kept that commands of this user run without asking. */
export interface CacheFolder {
  readonly folder: string;
  /** Whether nobody else could get into it, whatever the modes of its files. */
  readonly isPrivate: boolean;
}

/** Whoever may write to a folder on the way to the executable decides what is run. */
const OTHERS_WRITE = 0o022;
const OTHERS_ENTER = 0o011;

/**
 * The folder below the cache, made if need be, each of them on the way closed to others. Throws a refusal where one is
 * somebody else's: what lies in it is not believed, and nothing is put there.
 */
export function closeCacheFolder(
  cacheDir: string,
  below: readonly string[],
  onLine: (line: string) => void,
): CacheFolder {
  let folder = cacheDir;
  let isPrivate = false;
  for (const name of ['', ...below]) {
    folder = join(folder, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The user, and nobody else, may have put it elsewhere by a link.
    close(folder, { ...lstatSync(folder), mode: 0 }, onLine);
    const seen = statSync(folder);
    close(folder, seen, onLine);
    if (isOwn(seen) && (seen.mode & OTHERS_ENTER) === 0) isPrivate = true;
  }
  return { folder, isPrivate };
}

/** Why a file of the folder is not to be run; undefined: nobody else can have written it. */
export function whyForeign(path: string, { isPrivate }: CacheFolder): string | undefined {
  const seen = lstatSync(path);
  if (!isOwn(seen)) return `one of user ${seen.uid}`;
  if (!isPrivate && (seen.mode & OTHERS_WRITE) !== 0) return `one with mode ${modeOf(seen)}`;
  return undefined;
}

function close(folder: string, seen: Stats, onLine: (line: string) => void): void {
  const isOpen = process.geteuid !== undefined && (seen.mode & OTHERS_WRITE) !== 0;
  if (isOwn(seen) && !isOpen) return;
  if (process.geteuid?.() === seen.uid) {
    chmodSync(folder, seen.mode & 0o7777 & ~OTHERS_WRITE);
    onLine(`cache folder [${folder}]: others could write to it (mode ${modeOf(seen)}); now they cannot`);
    return;
  }
  throw refused(
    `cache folder [${folder}]: expected one that only user ${process.geteuid?.()} or root can write to, got one of user ` +
      `${seen.uid} with mode ${modeOf(seen)}; name another with XDG_CACHE_HOME, or an executable with TEMPORAL_CLI_PATH`,
  );
}

function isOwn({ uid }: Stats): boolean {
  return process.geteuid === undefined || uid === process.geteuid() || uid === 0;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o777).toString(8);
}
