/** Entry of a pool's thread. */

import { workerData } from 'node:worker_threads';
import { readBytesSync } from '../../folders/read-at.ts';
import { type AlignTools, makeAlignTools } from '../../kernels/make-align-tools.ts';
import { freeMemory } from '../../png/free-memory.ts';
import { alignPicture } from './align-picture.ts';
import type { AlignAnswer, ThreadTask } from './align-task.ts';
import { errorAnswer } from './error-answer.ts';
import { UnlikeWrittenError, writePicture } from './write-picture.ts';

// Piscina hands [its own data, ours] to the thread.
const options = (Array.isArray(workerData) ? workerData[1] : workerData) as { readonly simd: boolean };
/** Made for the first picture: a thread that has no memory for them says so of that picture, and lives on. */
let tools: AlignTools | undefined;

export default async function alignInThread(task: ThreadTask): Promise<AlignAnswer> {
  try {
    return await aligned(task);
  } finally {
    // It was decoded whole.
    if ('fd' in task.bytes) freeMemory();
  }
}

async function aligned(task: ThreadTask): Promise<AlignAnswer> {
  const { output, ...picture } = task;
  let bytes: Uint8Array;
  try {
    tools ??= makeAlignTools(options.simd);
    bytes = 'fd' in task.bytes ? readBytesSync(task.bytes.fd, task.bytes.size) : task.bytes;
  } catch (error) {
    return errorAnswer(error);
  }
  const answer = await alignPicture({ ...picture, bytes }, tools);
  if (answer.status === 'failed') return answer;
  const { png, md5, pixelMd5 } = answer;
  try {
    writePicture(output, png);
  } catch (error) {
    if (error instanceof UnlikeWrittenError) {
      return { status: 'failed', failure: { reason: 'unlike-written', detail: error.message } };
    }
    return errorAnswer(error);
  }
  return { status: 'aligned', size: png.length, md5, pixelMd5 };
}
