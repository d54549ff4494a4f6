import type { SelectionProgress } from '../run/progress.ts';
import { formatCount, oneLine } from './format.ts';

/** Longer ones are cut; the whole stands in `selection.json`. */
const MOST_WORDS = 300;

/** Which records a run is about: `--license by --pick 500 --seed 7: 500 of 70,000 records`. */
export function selectionWords({ words, records, of }: SelectionProgress): string {
  const counts =
    records === undefined || of === undefined
      ? ''
      : `: ${formatCount(records)} of ${formatCount(of)} records`;
  return `${oneLine(words, MOST_WORDS)}${counts}`;
}
