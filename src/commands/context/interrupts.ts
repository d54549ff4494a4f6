import { exitCodes } from '../../domain/failure/exit-code.ts';
import { endProcess } from '../../process/end-process.ts';

/** Ctrl-C and similar signals: the first asks the command to end well, a second ends the process at once. */
export function listenForInterrupts(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const interrupt = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = () => {
    if (interrupt.signal.aborted) endProcess(exitCodes.interrupted);
    interrupt.abort();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: interrupt.signal,
    stop: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** Ctrl-C came while something was still being prepared. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Preparations may take minutes (a server is built once); an interrupt does not wait for them. */
export function unlessInterrupted<Result>(interrupt: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((done, fail) => {
    const stop = () => fail(new InterruptedError('interrupted'));
    if (interrupt.aborted) stop();
    interrupt.addEventListener('abort', stop, { once: true });
    void work.then(done, fail).finally(() => interrupt.removeEventListener('abort', stop));
  });
}
