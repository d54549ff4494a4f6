/** Entry of a thread that checks a file's records while another one hashes the same bytes. */

import { parentPort, workerData } from 'node:worker_threads';
import { RecordCheck } from '../../domain/tfrecord/record-check.ts';
import type { RecordAnswer, RecordTask, RecordThreadData } from './record-task.ts';

const { recordBytes, buffers } = workerData as RecordThreadData;
const check = new RecordCheck(recordBytes);
const views = buffers.map((buffer) => new Uint8Array(buffer));

function answer(message: RecordAnswer): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (task: RecordTask) => {
  if ('end' in task) {
    answer({ damaged: check.end() });
    return;
  }
  const view = views[task.take];
  if (view !== undefined) check.take(view.subarray(0, task.bytes));
  answer({ taken: task.take });
});
