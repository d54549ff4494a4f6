import { join } from 'node:path';
import { atFile } from '../../activities/folders/held-folder.ts';
import { openToRead } from '../../activities/folders/real-file.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { readOutput } from '../flags/display-flags.ts';
import { chooseOut } from '../flags/values/out-folder.ts';

/** However long it is: it lists every file that is not there. */
async function readWhole(path: string): Promise<string> {
  const handle = await openToRead(path);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** `ffhq report`: the last run's report, from the folder; needs no server. */
export const report: Verb = async (context, values) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const display = displayFor(context, values);
  const json = readOutput(values) === 'json';
  const path = join(out, json ? statePaths.reportJson : statePaths.reportText);
  let text: string;
  try {
    text = await atFile(path, readWhole);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw refused(
      `report [path=${path}]: expected the report of a finished run, got none; see \`${context.spoken('status')}\``,
    );
  }
  display.say(
    { event: 'report', path, ...(json ? { report: JSON.parse(text) as unknown } : {}) },
    // As it lies there, line by line: the folder may be another one's.
    text.trimEnd().split('\n'),
  );
  return exitCodes.complete;
};
