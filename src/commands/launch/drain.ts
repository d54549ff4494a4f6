import type { RunningWorker } from '../../worker.ts';

/** A drain takes no longer; Temporal gives what is left to the next worker. */
const DRAIN_MS = 10_000;

/** Lets a worker finish or put down what it holds. */
export async function drained(worker: RunningWorker): Promise<void> {
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
