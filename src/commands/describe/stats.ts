import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { chosenRecords } from './chosen-records.ts';
import { countsOf, sayStats } from './say-stats.ts';

/** `ffhq stats`: how many records of which part, licence and country; needs no server. */
export const stats: Verb = async (context, values) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const display = displayFor(context, values);
  sayStats(await countsOf(chosenRecords(context, values, out)), display);
  return exitCodes.complete;
};
