import { join } from 'node:path';
import { statePaths } from '../../../domain/dataset/layout.ts';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import { parsedJson } from '../../../domain/parsed-json.ts';
import { readSmallFile } from '../../store/atomic-file.ts';

/** Of a ledger: a line for each record that a dataset of a hundred thousand may lose. */
const MOST_BYTES = 64 * 1024 ** 2;

/** How many records were removed from a dataset folder for good, by its ledger: a line for each. */
export async function removedRecords(folder: string): Promise<number> {
  let text: string | undefined;
  try {
    text = await readSmallFile(join(folder, statePaths.exclusionLedger), MOST_BYTES);
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') throw error;
  }
  const isEntry = (line: string) => {
    const entry = parsedJson(line);
    return entry !== null && typeof entry === 'object';
  };
  return (text ?? '').split('\n').filter(isEntry).length;
}
