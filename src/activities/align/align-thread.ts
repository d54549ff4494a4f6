/** Entry of a pool's thread. */

import { workerData } from 'node:worker_threads';
import { alignPicture } from './align-picture.ts';
import type { AlignAnswer, AlignTask } from './align-task.ts';
import { makeAlignTools } from './make-kernels.ts';

// Piscina hands [its own data, ours] to the thread.
const options = (Array.isArray(workerData) ? workerData[1] : workerData) as { readonly simd: boolean };
const tools = makeAlignTools(options.simd);

export default function alignInThread(task: AlignTask): Promise<AlignAnswer> {
  return alignPicture(task, tools);
}
