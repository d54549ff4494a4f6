/** Entry of a pool's thread. */

import { rmSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { makeAlignTools } from '../../kernels/make-align-tools.ts';
import { alignPicture } from './align-picture.ts';
import type { AlignAnswer, ThreadTask } from './align-task.ts';
import { errorAnswer } from './error-answer.ts';

// Piscina hands [its own data, ours] to the thread.
const options = (Array.isArray(workerData) ? workerData[1] : workerData) as { readonly simd: boolean };
const tools = makeAlignTools(options.simd);

export default async function alignInThread(task: ThreadTask): Promise<AlignAnswer> {
  const answer = await alignPicture(task, tools);
  if (answer.status === 'failed') return answer;
  const { output } = task;
  const { png, md5, pixelMd5 } = answer;
  try {
    // Into the page cache: whoever has nothing else to do syncs it.
    writeFileSync(output, png, { flag: 'wx' });
  } catch (error) {
    rmSync(output, { force: true });
    return errorAnswer(error);
  }
  return { status: 'aligned', size: png.length, md5, pixelMd5 };
}
