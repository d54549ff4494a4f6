import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import type { RunOwner } from '../../domain/run/run.ts';
import { readJsonFile, writeFileAtomically } from './atomic-file.ts';

/** `owner.json`: which run may write here. The server that knows the run decides about runs of its own. */
export interface OwnerRecord extends RunOwner {
  /** First Run Id. */
  readonly run: string;
  /** The store's id as the run knows it; records of older versions lack it. */
  readonly store?: string;
  /** ISO 8601; for people. */
  readonly lastSignOfLife: string;
}

export async function readOwner(storePath: string): Promise<OwnerRecord | undefined> {
  const content = await readJsonFile(join(storePath, statePaths.owner));
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

function ownedMessage(storePath: string, owner: OwnerRecord): string {
  return (
    `store [path=${storePath}]: expected no other run, got run ${owner.workflowId} of the Temporal server at ` +
    `${owner.address} (namespace ${owner.namespace}), last seen ${owner.lastSignOfLife}; cancel that run, or give ` +
    '--take-over if it is gone for good'
  );
}

/** Makes the run the folder's owner, or throws `owned`. */
export async function claim(store: StoreRef, me: RunOwner, run: string, takeOver: boolean): Promise<void> {
  const owner = await readOwner(store.path);
  if (isOwnedByOther(owner, me) && !takeOver) throw new StoreError('owned', ownedMessage(store.path, owner));
  await writeOwner(store, me, run);
  // Two claims at the same moment: the last rename wins, and the other one sees it here or at its next Activity.
  const now = await readOwner(store.path);
  if (isOwnedByOther(now, me)) throw new StoreError('owned', ownedMessage(store.path, now));
}

/** Ends the attempt of a run that lost the folder to another one. */
export async function checkOwner(store: StoreRef, me: RunOwner): Promise<void> {
  const owner = await readOwner(store.path);
  if (isOwnedByOther(owner, me)) throw new StoreError('owned', ownedMessage(store.path, owner));
}

export async function writeOwner(store: StoreRef, me: RunOwner, run: string): Promise<void> {
  const record: OwnerRecord = {
    ...{ ...me, run, store: store.id },
    lastSignOfLife: new Date().toISOString(),
  };
  await writeFileAtomically(join(store.path, statePaths.owner), `${JSON.stringify(record)}\n`);
}

/** The run is over: the folder is free. Another run's record stays. */
export async function release(store: StoreRef, me: RunOwner): Promise<void> {
  const owner = await readOwner(store.path);
  if (owner !== undefined && !isOwnedByOther(owner, me))
    await rm(join(store.path, statePaths.owner), { force: true });
}
