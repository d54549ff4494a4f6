/** Aligning in a process of its own; this module is both ends of that. */

import { runAlone } from '../../alone/run-alone.ts';
import { forChild } from '../../folders/held-folder.ts';
import { AlignPool } from './align-pool.ts';
import type { AlignAnswer, AlignTask } from './align-task.ts';

/** Takes the pool's place for a picture that may take its process along. */
export function alignAlone(task: AlignTask, signal: AbortSignal): Promise<AlignAnswer> {
  const original = { ...task.original, path: forChild(task.original.path) };
  return runAlone(thisModule(), { ...task, original, output: forChild(task.output) }, signal);
}

/** What the process does. */
export default async function alignInProcess(task: AlignTask): Promise<AlignAnswer> {
  const pool = new AlignPool(1);
  try {
    return await pool.align(task, new AbortController().signal);
  } finally {
    await pool.close();
  }
}

/** Processes run the compiled program, also when this file runs from its TypeScript source. */
function thisModule(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../../dist/activities/align/threads/align-alone.js', import.meta.url)
    : new URL(import.meta.url);
}
