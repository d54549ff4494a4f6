/** Entry of a process that does one thing and ends. */

import { writeFileSync } from 'node:fs';
import type { AloneAnswer, AloneTask } from './alone-task.ts';

// Ctrl-C in a terminal reaches it too; its end by that would look as if its work had killed it. The worker ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
try {
  // Where memory runs out, the system shall end this process and not the worker.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not Linux, or not allowed: then the system chooses.
}

process.once('message', (task: AloneTask) => {
  // Whoever asked ends this process once the answer is there: its end may be told before what it has sent.
  void answerTo(task).then((answer) => process.send?.(answer));
});

async function answerTo({ module, input }: AloneTask): Promise<AloneAnswer> {
  try {
    const { default: work } = (await import(module)) as { default: (input: unknown) => Promise<unknown> };
    return { answer: await work(input) };
  } catch (error) {
    if (!(error instanceof Error)) return { error: { message: String(error) } };
    const { message, code, syscall, path } = error as NodeJS.ErrnoException;
    return {
      error: {
        message,
        ...(code === undefined ? {} : { code }),
        ...(syscall === undefined ? {} : { syscall }),
        ...(path === undefined ? {} : { path }),
      },
    };
  }
}
