/** Entry of a verifying thread: everything here may hold the thread, which sends no heartbeats. */

import { closeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { Slots } from '../../domain/run/slots.ts';
import { openToReadSync } from '../folders/real-file.ts';
import type { HashBytes } from '../hash/hash-bytes.ts';
import { HashTogether } from '../hash/hash-together.ts';
import { ReusedBuffers } from '../hash/reused-buffers.ts';
import { SUM_BYTES, sumFile } from '../hash/sum-file.ts';
import type { MemoryBudget } from '../png/memory-budget.ts';
import { PngDecoder } from '../png/png-decoder.ts';
import { encodeAnew } from './encode-anew.ts';
import { lookAtFiles } from './look-at-files.ts';
import { placeFile } from './place-file.ts';
import { PrefixMd5 } from './prefix-md5.ts';
import { heldBytes, type Verdict, type VerifyTools, verifyFile } from './verify-file.ts';
import type { MemoryMessage, ReadyMessage, ThreadError, VerifyAnswer, VerifyTask } from './verify-task.ts';

/** Bytes of files and pixels that a thread holds at a time: eight 1024x1024 images, as MD5s are computed together. */
const HELD_BYTES = 40 * 1024 ** 2;

const hashing = new HashTogether();
const md5: HashBytes = (bytes, signal) => hashing.md5(bytes, signal);
const grants = new Map<number, () => void>();
let needs = 0;

/** The budget of the process, which the thread that started this one keeps. */
const memory: MemoryBudget = {
  async use(bytes, signal, work) {
    signal.throwIfAborted();
    const need = ++needs;
    const granted = new Promise<void>((grant) => grants.set(need, grant));
    tell({ need, bytes });
    try {
      await granted;
      signal.throwIfAborted();
      return await work();
    } finally {
      grants.delete(need);
      tell({ need, done: true });
    }
  },
};
const tools: VerifyTools = { md5, decoder: new PngDecoder(md5, memory), buffers: new ReusedBuffers() };
const held = new Slots(HELD_BYTES);
const stops = new Map<number, AbortController>();
const prefixes = new Map<number, PrefixMd5>();

function tell(message: MemoryMessage): void {
  parentPort?.postMessage(message);
}

function answer(message: VerifyAnswer): void {
  parentPort?.postMessage(message);
}

async function work(
  task: Exclude<VerifyTask, { task: 'stop' | 'granted' | 'prefix' }>,
): Promise<VerifyAnswer> {
  const { id } = task;
  const stop = new AbortController();
  stops.set(id, stop);
  try {
    if (task.task === 'look') return { id, seen: await lookAtFiles(task.paths.split('\0')) };
    if (task.task === 'sum') return { id, sums: await sum(task, stop.signal) };
    const { spec } = task;
    // It takes of the process's budget what it holds.
    if (task.task === 'encode')
      return { id, encoded: await opened(task.path, (fd) => encodeAnew(spec, fd, tools, stop.signal)) };
    return await held.use(heldBytes(spec), stop.signal, async () =>
      task.task === 'place'
        ? { id, placed: await placeFile(spec, task.place, tools) }
        : { id, verified: await verify(task, stop.signal) },
    );
  } catch (error) {
    return { id, error: threadError(error) };
  } finally {
    stops.delete(id);
  }
}

function threadError(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, syscall, path } = error as NodeJS.ErrnoException;
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(syscall === undefined ? {} : { syscall }),
    ...(path === undefined ? {} : { path }),
  };
}

function verify(
  { id, spec, path }: Extract<VerifyTask, { task: 'verify' }>,
  signal: AbortSignal,
): Promise<Verdict> {
  return opened(path, (fd) => verifyFile(spec, fd, tools, signal, (bytes) => answer({ id, bytes })));
}

function sum(
  { id, path }: Extract<VerifyTask, { task: 'sum' }>,
  signal: AbortSignal,
): ReturnType<typeof sumFile> {
  return opened(path, (fd) =>
    held.use(SUM_BYTES, signal, () => sumFile(fd, signal, (bytes) => answer({ id, bytes }))),
  );
}

async function opened<Result>(path: string, work: (fd: number) => Promise<Result>): Promise<Result> {
  const fd = openToReadSync(path);
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whatever ends one tells so once; what is said of it afterwards is about nothing. */
function workOnPrefix({ id, ...task }: Extract<VerifyTask, { task: 'prefix' }>): void {
  const end = (told: VerifyAnswer) => {
    prefixes.delete(id);
    answer(told);
  };
  if (task.how === 'begin') {
    prefixes.set(
      id,
      new PrefixMd5(
        () => answer({ id, bytes: 0 }),
        (prefix) => end({ id, prefix }),
        (error) => end({ id, error: threadError(error) }),
      ),
    );
    return;
  }
  const prefix = prefixes.get(id);
  if (prefix === undefined) answer({ id, error: { message: 'expected a file that is followed, got none' } });
  if (task.how === 'drop') prefixes.delete(id);
  prefix?.do(task);
}

parentPort?.postMessage({ ready: true } satisfies ReadyMessage);
parentPort?.on('message', (task: VerifyTask) => {
  if (task.task === 'stop') stops.get(task.id)?.abort();
  else if (task.task === 'granted') grants.get(task.need)?.();
  else if (task.task === 'prefix') workOnPrefix(task);
  else void work(task).then(answer);
});
