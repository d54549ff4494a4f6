import { randomUUID } from 'node:crypto';
import { link, mkdir, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { fileFault } from '../../domain/failure/file-system-fault.ts';
import { errorCode, StoreError, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { asStoreId } from '../records/store-id.ts';
import { readJsonFile, writeFileAtomically, writeNewFile } from './atomic-file.ts';
import { lstatIfThere } from './file-info.ts';
import { readOwner } from './owner.ts';

/** Version of what lies in `.ffhq`; a newer one is refused, never rewritten. */
const STORE_SCHEMA = 1;

/**
 * Opens the folder as a store, making folder and `store.json` when they are not there: once, however many do it at
 * the same time. A damaged `store.json` is mended.
 */
export async function ensureStore(path: string): Promise<StoreRef> {
  const wanted = resolve(path);
  try {
    await makeFolders(wanted);
    const folder = await realpath(wanted);
    if (!(await stat(folder)).isDirectory())
      throw new StoreError('unsafe-folder', `out [path=${wanted}]: expected a folder`);
    await inFolder(folder, STATE_FOLDER, async () => {}, 'synced');
    const id = (await readStoreId(folder)) ?? (await makeId(folder));
    await keepId(folder, id);
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
    await syncFolder(dirname(path));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolders(parent);
    await mkdir(path).catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again;
    });
    await syncFolder(parent);
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

/**
 * The folder's own id, if it has one: of `store.json`; else of its twin; else as the run knows it that holds the folder.
 * Damage to one of them loses no id.
 */
export async function readStoreId(folder: string): Promise<string | undefined> {
  return (
    (await idIn(folder, statePaths.store)) ??
    (await idIn(folder, statePaths.storeTwin)) ??
    asStoreId((await readOwner(folder))?.store)
  );
}

async function idIn(folder: string, file: string): Promise<string | undefined> {
  const content = await readJsonFile(join(folder, file)).catch(undefinedIfUnreadable);
  if (content === null || typeof content !== 'object') return undefined;
  const { id, schema } = content as { id?: unknown; schema?: unknown };
  if (typeof schema === 'number' && schema > STORE_SCHEMA) {
    throw new StoreError(
      'unsafe-folder',
      `store [path=${folder}]: expected schema ${STORE_SCHEMA} or older, got ${schema}: a newer version of this program made it`,
    );
  }
  return asStoreId(id);
}

/** A bad sector under one of them: the other one tells. */
function undefinedIfUnreadable(error: unknown): undefined {
  if (fileFault(error) !== 'unreadable') throw error;
}

function storeText(id: string): string {
  return `${JSON.stringify({ id, schema: STORE_SCHEMA })}\n`;
}

/** Both files hold the id afterwards, where that can be written: who only reads may not. */
async function keepId(folder: string, id: string): Promise<void> {
  for (const file of [statePaths.store, statePaths.storeTwin]) {
    if ((await idIn(folder, file)) !== undefined) continue;
    await writeFileAtomically(join(folder, file), storeText(id)).catch(() => {});
  }
}

/** Gives the folder an id: one, however many do it at the same time. */
async function makeId(folder: string): Promise<string> {
  await refuseWhileOwned(folder);
  await createOnce(folder);
  return (await readStoreId(folder)) ?? (await makeIdAlone(folder));
}

/** Of a run that an older version began the folder knows no more than that it may be open: another id would strand it. */
async function refuseWhileOwned(folder: string): Promise<void> {
  const owner = await readOwner(folder);
  if (owner === undefined) return;
  const path = join(folder, statePaths.store);
  const got = (await atFile(path, lstatIfThere)) ? 'other text' : 'nothing';
  throw new StoreError(
    'unsafe-folder',
    `store [path=${path}]: expected a store id, got ${got}, and run ${owner.workflowId} of the Temporal server at ` +
      `${owner.address} may still be open under the lost one; terminate that run in its UI, then remove ${statePaths.owner}`,
  );
}

/**
 * `link` fails where the name exists already, on network file systems too; a plain exclusive open could be seen
 * half-written. Does nothing where something lies there, or where there are no hard links (exFAT, some in user space).
 */
async function createOnce(folder: string): Promise<void> {
  await atFile(join(folder, statePaths.store), createOnceAs);
}

async function createOnceAs(path: string): Promise<void> {
  const id = newId();
  const own = `${path}.${id}.new`;
  await writeNewFile(own, storeText(id));
  try {
    await link(own, path);
  } catch (error) {
    if (!['EEXIST', ...LINKS_REFUSED].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await removeFile(own);
  }
  await syncFolder(dirname(path));
}

const LINKS_REFUSED = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Whoever holds the lock for longer was killed. */
const LOCK_MS = 10_000;

/**
 * Where there are no links, or what lies there is what a power failure left of it: one of those who come at the same
 * time writes it, and a folder that only one can make says which.
 */
async function makeIdAlone(folder: string): Promise<string> {
  const lock = join(folder, `${statePaths.store}.lock`);
  for (let seen = { lock: '', since: 0 }; ; ) {
    const id = await readStoreId(folder);
    if (id !== undefined) return id;
    if (await atFile(lock, isMade)) break;
    const info = await atFile(lock, lstatIfThere);
    const same = `${info?.ino} ${info?.mtimeNs}`;
    if (seen.lock !== same) seen = { lock: same, since: performance.now() };
    else if (performance.now() - seen.since > LOCK_MS) await atFile(lock, removeLock);
    await delay(LOCK_MS / 200);
  }
  try {
    const known = await readStoreId(folder);
    const id = known ?? newId();
    if (known === undefined) await writeFileAtomically(join(folder, statePaths.store), storeText(id));
    return id;
  } finally {
    await atFile(lock, removeLock);
  }
}

/** An empty folder, or what somebody put in its place. */
async function removeLock(lock: string): Promise<void> {
  await rmdir(lock).catch(() => removeFile(lock).catch(() => {}));
}

async function isMade(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function newId(): string {
  return randomUUID().replaceAll('-', '');
}
