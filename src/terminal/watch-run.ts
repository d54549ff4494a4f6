import { oneLine } from '../domain/words/format.ts';
import type { RunObserver } from '../runs/look-at-run.ts';
import type { RunEnd } from '../runs/run-snapshot.ts';
import { isServerAway } from '../runs/server-away.ts';
import type { Display } from './display.ts';
import { advance, emptyProgressModel } from './progress-model.ts';

/** `detached`: the caller's signal came first; the run goes on. */
export type WatchEnd = RunEnd | { readonly status: 'detached' };

/** A person looks at a live display; a log gets a line every few seconds. Looks cost server and workers some work. */
const LOOK_MS = { live: 1_000, log: 2_500 } as const;

/**
 * Shows a run until it is closed. `closed` settles about when that happens, so that the end is seen at once. A server
 * that goes away is waited for; that is said once, and once when it is back.
 */
export async function watchRun(options: {
  readonly observer: RunObserver;
  readonly end: () => Promise<RunEnd>;
  readonly display: Display;
  readonly signal: AbortSignal;
  readonly timingWindow: number;
  readonly closed?: (signal: AbortSignal) => Promise<unknown>;
  readonly everyMs?: number;
}): Promise<WatchEnd> {
  const { observer, end, display, signal, timingWindow } = options;
  let { everyMs = display.isLive ? LOOK_MS.live : LOOK_MS.log } = options;
  const nearEnd = new AbortController();
  const hurry = () => nearEnd.abort();
  const watched = new AbortController();
  options.closed?.(watched.signal).then(hurry, hurry);
  let until = AbortSignal.any([signal, nearEnd.signal]);
  let model = emptyProgressModel(timingWindow);
  let isLost = false;
  const looked = async (): Promise<RunEnd | undefined> => {
    const seen = await observer.look();
    const ended = seen.status === 'running' ? undefined : await end();
    const snapshot = ended?.status === 'completed' ? { ...seen, progress: ended.result.progress } : seen;
    if (isLost) display.say({ event: 'server', state: 'back' }, 'the Temporal server is back');
    isLost = false;
    if (ended === undefined || ended.status === 'completed') {
      const next = advance(model, snapshot);
      model = next.model;
      display.show(next.view);
    }
    return ended;
  };
  try {
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        const ended = await orAborted(looked(), signal);
        if (ended !== undefined) return ended;
      } catch (error) {
        if (signal.aborted) break;
        if (!isServerAway(error)) throw error;
        if (!isLost) {
          const reason = oneLine((error as Error).message);
          display.say(
            { event: 'server', state: 'lost', reason },
            `the Temporal server does not answer (${reason}); waiting for it, nothing is lost`,
          );
        }
        isLost = true;
      }
      await pause(everyMs - (performance.now() - startedAt), until);
      // Once: what settled for another reason than the end must not make this a busy loop.
      if (nearEnd.signal.aborted) [everyMs, until] = [LOOK_MS.live, signal];
    }
    return { status: 'detached' };
  } finally {
    watched.abort();
    display.settle();
  }
}

function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  return new Promise((done, fail) => {
    const stop = () => done(undefined);
    signal.addEventListener('abort', stop, { once: true });
    void work.then(done, fail).finally(() => signal.removeEventListener('abort', stop));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    };
    const timer = setTimeout(finish, Math.max(0, ms));
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
