import { randomUUID } from 'node:crypto';
import { link, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import { readJsonFile } from './atomic-file.ts';

/** Version of what lies in `.ffhq`; a newer one is refused, never rewritten. */
const STORE_SCHEMA = 1;

/**
 * Opens the folder as a store, making folder and `store.json` when they are not there: once, however many do it at
 * the same time.
 */
export async function ensureStore(path: string): Promise<StoreRef> {
  const wanted = resolve(path);
  try {
    await makeFolders(wanted);
    const folder = await realpath(wanted);
    if (!(await stat(folder)).isDirectory())
      throw new StoreError('unsafe-folder', `out [path=${wanted}]: expected a folder`);
    await makeFolders(join(folder, STATE_FOLDER));
    const existing = await readStoreId(folder);
    if (existing !== undefined) return { path: folder, id: existing };
    await createOnce(folder);
    const id = await readStoreId(folder);
    if (id === undefined) {
      throw new StoreError(
        'unsafe-folder',
        `store [path=${join(folder, statePaths.store)}]: expected a store id, got other text; remove that file to start anew`,
      );
    }
    return { path: folder, id };
  } catch (error) {
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOTDIR') {
      throw new StoreError('unsafe-folder', `out [path=${wanted}]: expected a folder, got a file`, {
        cause: error,
      });
    }
    if (errorCode(error) === 'ENOENT') {
      const message = `out [path=${wanted}]: expected a place where a folder can be made, got ${(error as Error).message}`;
      throw new StoreError('not-writable', message, { cause: error });
    }
    throw storeErrorFrom(error, `out [path=${wanted}]`) ?? error;
  }
}

/** Node's recursive `mkdir` never ends where a parent is there but takes no folders: under /proc, on a dead automount. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolders(parent);
    await mkdir(path).catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again;
    });
  }
}

/** The store at a path, if there is one; makes nothing. */
export async function findStore(path: string): Promise<StoreRef | undefined> {
  try {
    const folder = await realpath(resolve(path));
    const id = await readStoreId(folder);
    return id === undefined ? undefined : { path: folder, id };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What every Activity does first: nobody fills a local disk because a share is not mounted. */
export async function checkStore(store: StoreRef): Promise<void> {
  let id: string | undefined;
  try {
    id = await readStoreId(store.path);
  } catch (error) {
    throw storeErrorFrom(error, `store [path=${store.path}]`) ?? error;
  }
  if (id === store.id) return;
  throw new StoreError(
    'not-mounted',
    `store [path=${store.path}]: expected store ${store.id}, got ${id === undefined ? 'no store' : `store ${id}`}; is the share mounted on this host?`,
  );
}

async function readStoreId(folder: string): Promise<string | undefined> {
  const content = await readJsonFile(join(folder, statePaths.store));
  if (content === null || typeof content !== 'object') return undefined;
  const { id, schema } = content as { id?: unknown; schema?: unknown };
  if (typeof schema === 'number' && schema > STORE_SCHEMA) {
    throw new StoreError(
      'unsafe-folder',
      `store [path=${folder}]: expected schema ${STORE_SCHEMA} or older, got ${schema}: a newer version of this program made it`,
    );
  }
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

/** `link` fails where the name exists already, on network file systems too; a plain exclusive open could be seen half-written. */
async function createOnce(folder: string): Promise<void> {
  const id = randomUUID().replaceAll('-', '');
  const own = join(folder, `${statePaths.store}.${id}`);
  await writeFile(own, `${JSON.stringify({ id, schema: STORE_SCHEMA })}\n`, { flag: 'wx' });
  try {
    await link(own, join(folder, statePaths.store));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(own, { force: true });
  }
}
