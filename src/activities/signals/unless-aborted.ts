import { setMaxListeners } from 'node:events';

/** Rejects with the signal's reason as soon as it says so; whoever no longer waits leaves the work to itself, and to others. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  // One signal for many files at once is what callers have.
  setMaxListeners(0, signal);
  return new Promise((done, fail) => {
    const stop = () => fail(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(done, fail).finally(() => signal.removeEventListener('abort', stop));
  });
}
