import { type ChildProcess, fork } from 'node:child_process';
import type { AloneAnswer, AloneTask } from './alone-task.ts';

/** A process or a thread ended with work in hand that others would have survived; `how`: by what. */
export class DiedInHandError extends Error {
  override readonly name = 'DiedInHandError';

  constructor(what: string, how: string) {
    super(`${what}: expected an answer, got its end by ${how}`);
  }
}

/**
 * Runs the default export of a compiled module in a process of its own, for work that may take its process along. The
 * process is ended when the signal fires; what its work throws is thrown here, and {@link DiedInHandError} when it ends
 * without an answer.
 */
export async function runAlone<Answer>(
  module: URL,
  input: unknown,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Answer> {
  signal.throwIfAborted();
  const child = fork(compiledEntry(), [], {
    execArgv: [],
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const onAbort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await answerOf(child, { module: module.href, input });
    if ('answer' in answer) return answer.answer as Answer;
    const { message, ...noted } = answer.error;
    throw Object.assign(new Error(message), noted);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

function answerOf(child: ChildProcess, task: AloneTask): Promise<AloneAnswer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as AloneAnswer));
    // Could not be started: no fault of what it was to do.
    child.once('error', reject);
    child.once('exit', (code, by) => reject(new DiedInHandError('process', by ?? `exit ${code}`)));
    child.send(task as never, (error) => {
      // A process that ended meanwhile is told by its end.
      if (error && child.exitCode === null && child.signalCode === null && child.pid === undefined)
        reject(error);
    });
  });
}

/** Processes run the compiled program, also when this file runs from its TypeScript source. */
function compiledEntry(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/activities/alone/alone-process.js', import.meta.url)
    : new URL('./alone-process.js', import.meta.url);
}
