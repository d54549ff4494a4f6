import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Gives back what a large picture has taken in this thread. Its pixels lie outside the heap, so that a heap of a few
 * megabytes sees no reason to look for them, and a thread that has nothing more to do would keep them for good.
 */
export function freeMemory(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
