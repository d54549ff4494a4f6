import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './parts.ts';
import type { Scene } from './scene.ts';

/** Longer than any wait that the program announces. */
const STALLED_MS = 150_000;
const MOST = 4;

/**
 * Something must move: when nothing does although nothing is in the way, everything is killed, as a person would do it, and
 * that is noted. Answers how often it was so.
 *
 * @throws When even that does not help any more.
 */
export async function watchForStalls(
  scene: Scene,
  over: () => boolean,
  log: (line: string) => void,
): Promise<number> {
  let stalls = 0;
  let last = '';
  for (let since = performance.now(); !over(); await sleep(1_000)) {
    const now = `${scene.ledger.progress} ${filesIn(scene.disk.folder)}`;
    if (now !== last || scene.recoveries.isHindered) {
      last = now;
      since = performance.now();
    } else if (performance.now() - since > STALLED_MS) {
      stalls++;
      log(`STALLED: nothing moved for ${STALLED_MS / 1000} s, so everything is killed`);
      if (stalls > MOST)
        throw new Error('chaos: expected something to move, got nothing after kills of everything');
      for (const pid of scene.parts.everyone()) send(pid, 'SIGKILL');
      since = performance.now();
    }
  }
  return stalls;
}

function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true }).length;
}
