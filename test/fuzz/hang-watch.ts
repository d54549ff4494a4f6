import { Worker } from 'node:worker_threads';

/** Milliseconds without a new case after which the one that goes on never ends. */
const NEVER_ENDS = 60_000;

/** A thread of its own: where a case holds this one for good, nothing else can tell. */
const watcher = `
  const { workerData: { counter, again, every } } = require('node:worker_threads');
  let seen = -1;
  setInterval(() => {
    const now = Atomics.load(counter, 0);
    if (now === seen) {
      require('node:fs').writeSync(2, 'case ' + now + ' never ends; again: npm run fuzz -- ' + again + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    seen = now;
  }, every);
`;

/** Ends the process, and says how to see it again, where a case takes the thread and never gives it back. */
export function watchOver(again: string): { readonly onCase: () => void; readonly end: () => void } {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(watcher, { eval: true, workerData: { counter, again, every: NEVER_ENDS } });
  thread.unref();
  return {
    onCase: () => void Atomics.add(counter, 0, 1),
    end: () => void thread.terminate(),
  };
}
