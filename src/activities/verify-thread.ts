/** Entry of a verifying thread: everything here may hold the thread, which sends no heartbeats. */

import { closeSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorCode } from '../domain/store-failure.ts';
import { placeFile } from './place-file.ts';
import { PngDecoder } from './png.ts';
import { Slots } from './slots.ts';
import { type Verdict, verifyFile } from './verify-file.ts';
import type { VerifyAnswer, VerifyTask } from './verify-task.ts';

/** Bytes of files that a thread holds at a time, for files that are read whole: more would wait for the processor anyway. */
const HELD_BYTES = 32 * 1024 ** 2;
const UNKNOWN_BYTES = 1024 ** 2;

const decoder = new PngDecoder();
const held = new Slots(HELD_BYTES);
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
    const verified = await held.use(spec.size ?? UNKNOWN_BYTES, stop.signal, () => verify(task, stop.signal));
    return { id, verified };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, error: { message, code: errorCode(error) } };
  } finally {
    stops.delete(id);
  }
}

async function verify(
  { id, spec, path }: Extract<VerifyTask, { task: 'verify' }>,
  signal: AbortSignal,
): Promise<Verdict> {
  const fd = openSync(path, 'r');
  try {
    return await verifyFile(spec, { fd, path }, decoder, signal, (bytes) => answer({ id, bytes }));
  } finally {
    closeSync(fd);
  }
}

parentPort?.on('message', (task: VerifyTask) => {
  if (task.task === 'stop') stops.get(task.id)?.abort();
  else void work(task).then(answer);
});
