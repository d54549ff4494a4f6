/** Verifying in a process of its own; this module is both ends of that. */

import { closeSync } from 'node:fs';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { runAlone } from '../alone/run-alone.ts';
import { forChild } from '../folders/held-folder.ts';
import { openToReadSync } from '../folders/real-file.ts';
import { md5InTurns } from '../hash/hash-bytes.ts';
import { ReusedBuffers } from '../hash/reused-buffers.ts';
import type { PlaceTask } from '../partials/partial-file.ts';
import { PngDecoder } from '../png/png-decoder.ts';
import { type Encoded, encodeAnew } from './encode-anew.ts';
import { placeFile } from './place-file.ts';
import type { Verifier } from './verifier.ts';
import { type Verdict, verifyFile } from './verify-file.ts';
import type { PlaceAnswer } from './verify-task.ts';

type Task =
  | { readonly spec: FileSpec; readonly path: string; readonly encodes?: true }
  | { readonly spec: FileSpec; readonly place: PlaceTask };

/** Takes the place of the threads for a file that may take its process along: a tenth of a second dearer. */
export const verifyAlone: Verifier = {
  verify: (spec, path, signal) =>
    runAlone(thisModule(), { spec, path: forChild(path) } satisfies Task, signal),
  encode: (spec, path, signal) =>
    runAlone(thisModule(), { spec, path: forChild(path), encodes: true } satisfies Task, signal),
  place: (spec, { bytes, path, target }) => {
    const place = { bytes, path: forChild(path), target: forChild(target) };
    return runAlone(thisModule(), { spec, place } satisfies Task, never);
  },
};

const never = new AbortController().signal;

/** What the process does. */
export default async function verifyInProcess(task: Task): Promise<Verdict | Encoded | PlaceAnswer> {
  const tools = { md5: md5InTurns, decoder: new PngDecoder(), buffers: new ReusedBuffers() };
  if ('place' in task) return placeFile(task.spec, task.place, tools);
  const fd = openToReadSync(task.path);
  try {
    if (task.encodes) return await encodeAnew(task.spec, fd, tools, never);
    return await verifyFile(task.spec, fd, tools, never);
  } finally {
    closeSync(fd);
  }
}

/** Processes run the compiled program, also when this file runs from its TypeScript source. */
function thisModule(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/activities/verify/verify-alone.js', import.meta.url)
    : new URL(import.meta.url);
}
