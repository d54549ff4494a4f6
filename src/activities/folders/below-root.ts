import { readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';

/*
 * A worker with `--root` writes to no dataset folder outside of it. Whoever may rename that folder, or one above it, can put
 * a link in its place at any moment; so each time when it is opened, what was opened is looked at, not its path.
 */

/** Of dataset folders that this process has entered. */
const rootsOf = new Map<string, readonly string[]>();

/** Throws `outside-root` where a dataset folder lies elsewhere; from now on it is entered below one of these folders only. */
export async function keepBelow(path: string, roots: readonly string[]): Promise<void> {
  if (roots.length === 0) return;
  await refuseOutside(path, roots, await realOf(path));
  rootsOf.set(path, roots);
}

/**
 * The same of a dataset folder that was entered, or of a folder in it, as it was just opened.
 *
 * @param descriptor the link of an open folder, where there are such; else its path is looked at
 */
export async function checkBelow(path: string, descriptor?: string): Promise<void> {
  for (const [store, roots] of rootsOf) {
    if (!isWithin(path, store)) continue;
    // What the link says is where the folder lies; to walk there once more would be another look.
    await refuseOutside(
      path,
      roots,
      descriptor === undefined ? await realOf(path) : await readlink(descriptor),
    );
  }
}

async function refuseOutside(path: string, roots: readonly string[], real: string): Promise<void> {
  for (const root of roots) if (isWithin(real, await realOf(root))) return;
  throw new StoreError(
    'outside-root',
    `store [path=${path}]: expected a folder below ${roots.join(' or ')} (--root of this worker), got ${real}`,
  );
}

/** What is not there leads nowhere else. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return path;
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
