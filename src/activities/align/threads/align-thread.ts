/** Entry of a pool's thread. */

import { workerData } from 'node:worker_threads';
import { makeAlignTools } from '../../kernels/make-align-tools.ts';
import { alignPicture } from './align-picture.ts';
import type { AlignAnswer, ThreadTask } from './align-task.ts';
import { errorAnswer } from './error-answer.ts';
import { UnlikeWrittenError, writePicture } from './write-picture.ts';

// Piscina hands [its own data, ours] to the thread.
const options = (Array.isArray(workerData) ? workerData[1] : workerData) as { readonly simd: boolean };
const tools = makeAlignTools(options.simd);

export default async function alignInThread(task: ThreadTask): Promise<AlignAnswer> {
  const answer = await alignPicture(task, tools);
  if (answer.status === 'failed') return answer;
  const { output } = task;
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
