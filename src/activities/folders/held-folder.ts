/*
 * Whoever else may write to the dataset folder, or made it, can put a symbolic link in the place of any folder in it, at
 * any moment. So no folder below the store's root is reached by its path twice: it is opened component by component, no
 * link followed, and held. Names in it are then reached through the open folder, whatever its path leads to by now.
 *
 * Node.js has no `openat`. On Linux `/proc/self/fd/N/name` is the same: the kernel begins at the open folder itself.
 * Elsewhere (macOS) folders are looked at before and after: a link that lies there is refused, one that is swapped in
 * during the work and stays is noticed, and one that comes and goes is not.
 *
 * The root itself, and everything above it, is the user's own choice, and may be a link.
 */

import { existsSync } from 'node:fs';
import { constants, type FileHandle, lstat, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { componentsOf, fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { checkBelow } from './below-root.ts';
import { syncFolder } from './sync-folder.ts';

const DESCRIPTORS = '/proc/self/fd';

const mayHold = process.platform === 'linux' && existsSync(DESCRIPTORS);

/** `include/uapi/asm-generic/fcntl.h`: a place in the tree, for which no right to list it is needed. Node.js has no name for it. */
const O_PATH = 0o10000000;

const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** What held folders are called, by descriptor. */
const names = new Map<number, string>();

/** Makes folders that are not there; `synced`: their names outlive a power failure. */
export type Making = 'made' | 'synced';

/** A folder that stays the same one, whatever comes to lie at its path. */
export class HeldFolder {
  /** What names in it are reached by, until it is released. */
  readonly path: string;
  /** What people call it. */
  readonly name: string;
  readonly #handle: FileHandle | undefined;
  /** Where nothing can be held: what was seen of it and of the folders on the way, to be seen again. */
  readonly #seen: ReadonlyMap<string, string>;

  private constructor(name: string, handle: FileHandle | undefined, seen: ReadonlyMap<string, string>) {
    this.name = name;
    this.path = handle === undefined ? name : `${DESCRIPTORS}/${handle.fd}`;
    this.#handle = handle;
    this.#seen = seen;
    if (handle) names.set(handle.fd, name);
  }

  static async root(path: string): Promise<HeldFolder> {
    if (!mayHold) {
      await stat(path);
      await checkBelow(path);
      return new HeldFolder(path, undefined, new Map());
    }
    const held = new HeldFolder(path, await open(path, O_DIRECTORY | O_PATH), new Map());
    try {
      await checkBelow(path, held.path);
    } catch (error) {
      await held.release();
      throw error;
    }
    return held;
  }

  /** A folder in it. Throws ENOENT and ENOTDIR as the system does, and `unsafe-folder` for a symbolic link. */
  async below(component: string, making?: Making): Promise<HeldFolder> {
    const name = join(this.name, component);
    const path = `${this.path}/${component}`;
    if (making) await this.#make(path, making);
    if (mayHold) {
      try {
        const handle = await open(path, O_DIRECTORY | O_NOFOLLOW | O_PATH);
        return new HeldFolder(name, handle, new Map());
      } catch (error) {
        if (['ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) await refuseLink(path, name);
        throw inPlainNames(error);
      }
    }
    const info = await lstat(path);
    if (info.isSymbolicLink()) throw linkAt(name);
    if (!info.isDirectory())
      throw Object.assign(new Error(`ENOTDIR: not a directory, open '${name}'`), { code: 'ENOTDIR' });
    return new HeldFolder(name, undefined, new Map([...this.#seen, [name, `${info.dev}:${info.ino}`]]));
  }

  /** Does its path still lead to it? It may have been moved, with all that was put into it. */
  async isInPlace(): Promise<boolean> {
    if (this.#handle === undefined) return true;
    const [held, there] = await Promise.all([this.#handle.stat(), lstat(this.name).catch(() => undefined)]);
    return there?.ino === held.ino && there.dev === held.dev;
  }

  /** Its path is no longer to be used. Throws `unsafe-folder` where it could not be held, and is another one now. */
  async release(): Promise<void> {
    if (this.#handle) {
      names.delete(this.#handle.fd);
      await this.#handle.close();
    }
    for (const [name, seen] of this.#seen) {
      const now = await lstat(name).catch(() => undefined);
      if (now && `${now.dev}:${now.ino}` !== seen && now.isSymbolicLink()) throw linkAt(name);
    }
  }

  async #make(path: string, making: Making): Promise<void> {
    try {
      await mkdir(path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return;
      throw inPlainNames(error);
    }
    if (making === 'synced') await syncFolder(this.path);
  }
}

/**
 * Holds a folder by its path relative to `root`. Throws ENOENT where it is not there, and `unsafe-folder` where a link
 * lies on the way or the path is none of ours.
 */
export async function holdFolder(root: string, relative: string, making?: Making): Promise<HeldFolder> {
  const components = plainly(root, relative);
  let held = await HeldFolder.root(root);
  for (const component of components) {
    const parent = held;
    try {
      held = await parent.below(component, making);
    } finally {
      await parent.release();
    }
  }
  return held;
}

/** The one place where a path is refused that could lead out of the folder that it is relative to. */
export function plainly(root: string, relative: string): readonly string[] {
  const components = componentsOf(relative);
  if (components) return components;
  throw new StoreError(
    'unsafe-folder',
    `store [path=${root}]: expected a path of plain names below it, got ${JSON.stringify(relative.slice(0, 200))}`,
  );
}

/** Work in a folder by its path relative to `root`; `work` is given what its names are reached by. */
export async function inFolder<Result>(
  root: string,
  relative: string,
  work: (folder: string) => Promise<Result>,
  making?: Making,
): Promise<Result> {
  const held = await holdFolder(root, relative, making);
  let result: Result;
  try {
    result = await work(held.path);
  } catch (error) {
    const named = inPlainNames(error);
    await held.release();
    throw named;
  }
  await held.release();
  return result;
}

/**
 * The same for an absolute path: of one below a store's own folder, every component from that folder on must be a real
 * folder; any other is somebody's choice as it stands.
 */
export function inFolderAt<Result>(
  path: string,
  work: (folder: string) => Promise<Result>,
  making?: Making,
): Promise<Result> {
  const [root, relative] = belowState(path);
  if (!making || relative !== '') return inFolder(root, relative, work, making);
  return mkdir(root, { recursive: true }).then(() => inFolder(root, '', work));
}

/** The absolute path of something below `root`; throws `unsafe-folder` where the relative one would lead elsewhere. */
export function pathIn(root: string, relative: string): string {
  return join(root, ...plainly(root, relative));
}

/** Work on a file by its absolute path, through its folder as {@link inFolderAt} reaches it. */
export function atFile<Result>(
  path: string,
  work: (file: string) => Promise<Result>,
  making?: Making,
): Promise<Result> {
  const name = fileName(path);
  plainly(path, name);
  return inFolderAt(folderName(path) || '/', (folder) => work(`${folder}/${name}`), making);
}

/** Root of the store, and the rest: a name below it that is the state folder's, too, makes no other root. */
function belowState(path: string): readonly [string, string] {
  const at = `${path}/`.indexOf(`/${STATE_FOLDER}/`);
  return at === -1 ? [path, ''] : [path.slice(0, at) || '/', path.slice(at + 1)];
}

/** An error with the names that people know. */
export function inPlainNames(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const told = error as Error & { path?: unknown; dest?: unknown };
  if (error.message.includes('/proc/')) error.message = plainNamesIn(error.message);
  if (typeof told.path === 'string') told.path = plainNamesIn(told.path);
  if (typeof told.dest === 'string') told.dest = plainNamesIn(told.dest);
  return error;
}

/** As long as the folders are held. */
function plainNamesIn(text: string): string {
  return text.replace(
    /\/proc\/(?:self|\d+)\/fd\/(\d+)/g,
    (whole, descriptor: string) => names.get(Number(descriptor)) ?? whole,
  );
}

/** The path of something in a held folder as a child process of this one reaches it. */
export function forChild(path: string): string {
  return path.startsWith(`${DESCRIPTORS}/`) ? path.replace('/self/', `/${process.pid}/`) : path;
}

async function refuseLink(path: string, name: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (info?.isSymbolicLink()) throw linkAt(name);
}

function linkAt(name: string): StoreError {
  return new StoreError(
    'unsafe-folder',
    `store [path=${name}]: expected a folder, got a symbolic link; remove it, or mount the other disk there instead`,
  );
}
