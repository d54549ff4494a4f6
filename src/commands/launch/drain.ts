import type { RunningWorker } from '../../worker.ts';

/** Milliseconds that a drain may take; Temporal gives what is left to the next worker. */
const DRAIN_MS = 10_000;

/** Lets a worker finish or hand back what it holds. */
export async function drain(worker: RunningWorker): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, DRAIN_MS);
  });
  try {
    await Promise.race([worker.shutdown(), late]);
  } finally {
    clearTimeout(timer);
  }
}
