import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { StoreError } from '../../domain/failure/store-failure.ts';

/*
 * A worker with `--root` writes to no dataset folder outside of it. Whoever may rename that folder, or one above it, can put
 * a link in its place at any moment; so each time when it is opened, what was opened is looked at, not its path.
 */

/** Of dataset folders that this process has entered. */
const rootsOf = new Map<string, readonly string[]>();

/** From now on the dataset folder at this path is entered below one of these folders only. */
export function keepBelow(path: string, roots: readonly string[]): void {
  if (roots.length > 0) rootsOf.set(path, roots);
}

/**
 * Throws `outside-root` where the dataset folder at this path, or a folder in it, leads elsewhere.
 *
 * @param opened what it is reached by
 */
export async function checkBelow(path: string, opened: string): Promise<void> {
  for (const [store, roots] of rootsOf) {
    if (!isWithin(path, store)) continue;
    const real = await realOf(opened);
    const reals = await Promise.all(roots.map(realOf));
    if (!reals.some((root) => isWithin(real, root))) throw outside(path, roots, real);
  }
}

function outside(path: string, roots: readonly string[], real: string): StoreError {
  return new StoreError(
    'outside-root',
    `store [path=${path}]: expected a folder below ${roots.join(' or ')} (--root of this worker), got ${real}`,
  );
}

/** What is not there leads nowhere else. */
function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
