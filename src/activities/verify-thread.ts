/** Entry of a verifying thread: everything here may hold the thread, which sends no heartbeats. */

import { closeSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorCode } from '../domain/store-failure.ts';
import { placeFile } from './place-file.ts';
import { PngDecoder } from './png.ts';
import { verifyFile } from './verify-file.ts';
import type { VerifyAnswer, VerifyTask } from './verify-task.ts';

const decoder = new PngDecoder();
const stops = new Map<number, AbortController>();

function answer(message: VerifyAnswer): void {
  parentPort?.postMessage(message);
}

async function work(task: Exclude<VerifyTask, { task: 'stop' }>): Promise<VerifyAnswer> {
  const { id, spec } = task;
  try {
    if (task.task === 'place') return { id, placed: await placeFile(spec, task.place, decoder) };
    const stop = new AbortController();
    stops.set(id, stop);
    const fd = openSync(task.path, 'r');
    try {
      const onBytes = (bytes: number) => answer({ id, bytes });
      return { id, verified: await verifyFile(spec, { fd, path: task.path }, decoder, stop.signal, onBytes) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, error: { message, code: errorCode(error) } };
  } finally {
    stops.delete(id);
  }
}

parentPort?.on('message', (task: VerifyTask) => {
  if (task.task === 'stop') stops.get(task.id)?.abort();
  else void work(task).then(answer);
});
