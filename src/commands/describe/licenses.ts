import { exitCodes } from '../../domain/failure/exit-code.ts';
import { quotedLine } from '../../domain/quoting/quoted.ts';
import { LicenseCounts } from '../../domain/rights/license-counts.ts';
import { formatCount } from '../../domain/words/format.ts';
import { table } from '../../domain/words/table.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { chosenRecords, LeftOut } from './chosen-records.ts';

/** Others that are told in words; programs are told all. */
const MOST_SHOWN = 20;
const MOST_NAME = 60;

/** `ffhq licenses`: which licences there are, and what each asks for; needs no server. */
export const licenses: Verb = async (context, values) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const display = displayFor(context, values);
  const counts = new LicenseCounts();
  const leftOut = new LeftOut();
  for await (const record of chosenRecords(context, values, out, leftOut)) counts.add(record);
  const { records, untold } = counts;
  const [known, others] = [counts.known(), counts.others()];
  display.say({ event: 'licenses', records, licenses: known, others, untold }, [
    ...table([
      ['Images', 'Licence', 'SPDX id', 'Credit', 'Commercial use'],
      ['---', '---', '---', '---', '---'],
      ...known.map(({ records: count, name, spdx, attribution, commercial }) => [
        formatCount(count),
        name,
        spdx,
        attribution ? 'yes' : 'no',
        commercial ? 'yes' : 'no',
      ]),
      ...others
        .slice(0, MOST_SHOWN)
        .map(({ records: count, name, url }) => [
          formatCount(count),
          quotedLine(name || url || 'none is named', MOST_NAME),
          'none of the dataset',
          '?',
          '?',
        ]),
    ]).map((line) => line.trimEnd()),
    ...moreOthers(others.length - MOST_SHOWN),
    '',
    ...known.flatMap(({ spdx, url, asks }) => [`${spdx} asks: ${asks}`, `  ${url}`]),
    '',
    'The dataset as a whole is CC BY-NC-SA 4.0, whatever the photographs are. No licence of a photograph',
    'speaks for the people in it.',
  ]);
  leftOut.say(display);
  return exitCodes.complete;
};

function moreOthers(more: number): string[] {
  return more > 0 ? [`and ${formatCount(more)} licences more that are none of the dataset's`] : [];
}
