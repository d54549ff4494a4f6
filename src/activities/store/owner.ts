import { randomBytes } from 'node:crypto';
import { type FileHandle, link, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import type { RunOwner } from '../../domain/run/run.ts';
import { atFile } from '../folders/held-folder.ts';
import { isMisleading, MOST_MARK_BYTES, openToChange } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { readJsonFile, writeFileAtomically, writeNewFile } from './atomic-file.ts';
import { lastingInode } from './lasting-inode.ts';

/** `owner.json`: which run may write here. The server that knows the run decides about runs of its own. */
export interface OwnerRecord extends RunOwner {
  /** First Run Id. */
  readonly run: string;
  /** The store's id as the run knows it; records of older versions lack it. */
  readonly store?: string;
  /** As {@link lastingInode} tells it, of the folder that was claimed: a copy has another. */
  readonly folder?: string;
  /** ISO 8601; for people. */
  readonly lastSignOfLife: string;
}

export async function readOwner(storePath: string): Promise<OwnerRecord | undefined> {
  return asOwner(await readJsonFile(ownerFile(storePath)));
}

function asOwner(content: unknown): OwnerRecord | undefined {
  if (content === null || typeof content !== 'object') return undefined;
  const record = content as Record<string, unknown>;
  const isOwner = ['workflowId', 'clusterId', 'address', 'namespace', 'run', 'lastSignOfLife'].every(
    (field) => typeof record[field] === 'string',
  );
  return isOwner ? (content as OwnerRecord) : undefined;
}

/**
 * Would this run be refused? Another server's run is; a run of the same server under the same Workflow Id is not,
 * because that server lets only one of them be open.
 */
function isOwnedByOther(owner: OwnerRecord | undefined, me: RunOwner): owner is OwnerRecord {
  return (
    owner !== undefined &&
    (owner.clusterId !== me.clusterId ||
      owner.namespace !== me.namespace ||
      owner.workflowId !== me.workflowId)
  );
}

/**
 * Did the owner's run end with the database of the very server that asks? One host's embedded server runs once, so with
 * another database than before (lost, renamed, of another version) it is the proof that nothing knows that run any more.
 */
export function isOfLostDatabase(owner: OwnerRecord, me: RunOwner): boolean {
  return (
    owner.home !== undefined &&
    owner.home === me.home &&
    owner.clusterId !== me.clusterId &&
    owner.namespace === me.namespace &&
    owner.workflowId === me.workflowId
  );
}

function owned(storePath: string, owner: OwnerRecord): StoreError {
  return new StoreError(
    'owned',
    `store [path=${storePath}]: expected no other run, got run ${owner.workflowId} of the Temporal server at ` +
      `${owner.address} (namespace ${owner.namespace}), last seen ${owner.lastSignOfLife}; cancel that run, or give ` +
      '--take-over if it is gone for good',
  );
}

/** Makes the run the folder's owner, or throws `owned`. */
export async function claim(store: StoreRef, me: RunOwner, run: string, takeOver: boolean): Promise<void> {
  const owner = await readOwner(store.path);
  if (isOwnedByOther(owner, me)) {
    if (!takeOver && !isOfLostDatabase(owner, me)) throw owned(store.path, owner);
    await writeFileAtomically(ownerFile(store.path), textOf(await markOf(store, me, run)));
  } else await signOrMark(store, me, run);
  // Two claims at the same moment: the last rename wins, and the other one sees it here or at its next Activity.
  await checkOwner(store, me);
}

/** Ends the attempt of a run that lost the folder to another one. */
export async function checkOwner(store: StoreRef, me: RunOwner): Promise<void> {
  refuseOther(store, await readOwner(store.path), me);
}

function refuseOther({ path }: StoreRef, owner: OwnerRecord | undefined, me: RunOwner): void {
  if (isOwnedByOther(owner, me)) throw owned(path, owner);
}

/**
 * The owner's sign of life: `owned` where the folder is another run's, `not-mounted` where it is nobody's. What a run
 * claimed has its mark, which is on the disk before the claim is over: a folder without it is a copy of the one claimed.
 */
export async function signOwner(store: StoreRef, me: RunOwner, run: string): Promise<void> {
  if (await signIfMarked(store, me, run)) return;
  throw new StoreError(
    'not-mounted',
    `store [path=${store.path}]: expected the folder that run ${me.workflowId} claimed, got one without ` +
      `the mark in ${statePaths.owner}; is it a copy of that folder? If it was moved or restored, give the run's command again`,
  );
}

async function signOrMark(store: StoreRef, me: RunOwner, run: string): Promise<void> {
  if (await signIfMarked(store, me, run)) return;
  // Nobody's folder: whoever comes second looks at what the first one wrote.
  const mark = await markOf(store, me, run);
  const isMade = await atFile(ownerFile(store.path), async (path) => {
    const isNew = await createFile(path, textOf(mark));
    if (isNew) await syncFolder(dirname(path));
    return isNew;
  });
  if (isMade) return;
  const owner = await readOwner(store.path);
  refuseOther(store, owner, me);
  // Made where the folder lay before: it was moved, or comes from a backup.
  if (isOfAnotherFolder(owner, mark)) await writeFileAtomically(ownerFile(store.path), textOf(mark));
}

/**
 * False where there is none, or only one of the folder that this was copied from. It is written into the file that was
 * read: a take-over puts another file in its place, before or after, and that one stays.
 */
function signIfMarked(store: StoreRef, me: RunOwner, run: string): Promise<boolean> {
  return atFile(ownerFile(store.path), (path) => signFile(path, store, me, run));
}

async function signFile(path: string, store: StoreRef, me: RunOwner, run: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await openToChange(path, 'overwrite');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (!isMisleading(error)) throw error;
    await replaceOwner(store, me, run);
    return true;
  }
  try {
    const isOurs = (await file.stat()).size <= MOST_MARK_BYTES;
    const owner = isOurs ? asOwner(parsedJson(await file.readFile('utf8'))) : undefined;
    refuseOther(store, owner, me);
    const mark = await markOf(store, me, run);
    if (isOfAnotherFolder(owner, mark)) return false;
    const text = Buffer.from(textOf(mark));
    await file.write(text, 0, text.length, 0);
    await file.truncate(text.length);
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

/** What is written into it would land elsewhere too: in a file that has another name, or that a link leads to. */
async function replaceOwner(store: StoreRef, me: RunOwner, run: string): Promise<void> {
  await checkOwner(store, me);
  await writeFileAtomically(ownerFile(store.path), textOf(await markOf(store, me, run)));
}

function isOfAnotherFolder(owner: OwnerRecord | undefined, { folder }: OwnerRecord): boolean {
  return owner?.folder !== undefined && folder !== undefined && owner.folder !== folder;
}

/** The run is over: the folder is free. Another run's record stays, also one that comes at this moment. */
export function release(store: StoreRef, me: RunOwner): Promise<void> {
  return atFile(ownerFile(store.path), (path) => releaseFile(path, store, me));
}

async function releaseFile(path: string, store: StoreRef, me: RunOwner): Promise<void> {
  const before = await readOwner(store.path);
  if (before === undefined || isOwnedByOther(before, me)) return;
  // Not named like a draft: a claim that comes in between sweeps those, and this may have to go back.
  const away = `${path}.${randomBytes(6).toString('hex')}.away`;
  try {
    await rename(path, away);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  // What was moved away is looked at again: a take-over may have come in between, and is put back.
  if (isOwnedByOther(asOwner(await readJsonFile(away)), me)) await putBack(away, path);
  else await removeFile(away);
}

function ownerFile(storePath: string): string {
  return join(storePath, statePaths.owner);
}

async function markOf(store: StoreRef, me: RunOwner, run: string): Promise<OwnerRecord> {
  const folder = await lastingInode(store.path);
  return {
    ...{ ...me, run, store: store.id },
    ...(folder === undefined ? {} : { folder }),
    lastSignOfLife: new Date().toISOString(),
  };
}

function textOf(mark: OwnerRecord): string {
  return `${JSON.stringify(mark)}\n`;
}

/** False where there is one already. Others see it with its whole text only, except where there are no links. */
async function createFile(path: string, text: string): Promise<boolean> {
  const own = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    await writeNewFile(own, text);
    try {
      await link(own, path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') throw error;
      await writeNewFile(path, text);
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await removeFile(own);
  }
}

/** Unless yet another claim has come by now. Some file systems have no links. */
async function putBack(away: string, path: string): Promise<void> {
  try {
    await link(away, path);
    await removeFile(away);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') await removeFile(away);
    else await rename(away, path);
  }
}
