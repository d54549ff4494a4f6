import { join } from 'node:path';
import { atFile } from '../../activities/folders/held-folder.ts';
import { openToRead } from '../../activities/folders/real-file.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { readWanted } from '../flags/selection/selection-flags.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { isAway, noReport } from './facts-of-folder.ts';
import { readReportFlags } from './report-flags.ts';
import { watchReport } from './watch-report.ts';
import { writeReportPage } from './write-report-page.ts';

/** However long it is: it lists every file that is not there. */
async function readWhole(path: string): Promise<string> {
  const handle = await openToRead(path);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** `ffhq report`: the last run's report, from the folder; needs no server. As a page, or as one that stays up to date. */
export const report: Verb = async (context, values) => {
  const flags = readReportFlags(values);
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const asked = { context, values, flags, out, display: displayFor(context, values) };
  if (flags.watch) return watchReport(asked);
  if (flags.format === 'html') return writeReportPage(asked);
  const { ids, selection } = readWanted(values, context.folders);
  if (values.present === true || ids !== undefined || selection !== undefined)
    throw refused('flags that choose records: expected --format html or --watch with them, got none');
  const json = flags.format === 'json';
  const path = join(out, json ? statePaths.reportJson : statePaths.reportText);
  let text: string;
  try {
    text = await atFile(path, readWhole);
  } catch (error) {
    if (!isAway(error)) throw error;
    throw refused(noReport(path, context.spoken));
  }
  asked.display.say(
    { event: 'report', path, ...(json ? { report: JSON.parse(text) as unknown } : {}) },
    // As it lies there, line by line: the folder may be another one's.
    text.trimEnd().split('\n'),
  );
  return exitCodes.complete;
};
