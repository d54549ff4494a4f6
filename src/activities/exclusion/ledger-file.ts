import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { Ledger, type LedgerLine, parseLedgerLine } from '../../domain/exclusion/ledger.ts';
import { inFolder } from '../folders/held-folder.ts';
import type { Seal } from '../records/seal.ts';
import { storeIdIn } from '../records/store-id.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';

/** A hundred thousand records, with a reason each. */
const MOST_BYTES = 64 * 1024 ** 2;

/** What was let go here. Lines that another key sealed, or nobody, say nothing: they could pass any text off as the published one. */
export async function readLedger(storePath: string, seal: Seal): Promise<Ledger> {
  const text = await readSmallFile(join(storePath, statePaths.exclusionLedger), MOST_BYTES);
  if (text === undefined) return new Ledger([]);
  const purpose = await purposeOf(storePath);
  const lines = text.split('\n').flatMap((line): LedgerLine[] => {
    const said = seal.open(purpose, line);
    const parsed = said === undefined ? undefined : parseLedgerLine(said);
    return parsed === undefined ? [] : [parsed];
  });
  return new Ledger(lines);
}

/** Adds lines; the file is there as a whole, with them or without. What others wrote in it stays. */
export async function addToLedger(
  storePath: string,
  seal: Seal,
  lines: readonly LedgerLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await inFolder(storePath, statePaths.exclusions, async () => {}, 'synced');
  const path = join(storePath, statePaths.exclusionLedger);
  const before = (await readSmallFile(path, MOST_BYTES)) ?? '';
  const purpose = await purposeOf(storePath);
  const added = lines.map((line) => seal.close(purpose, JSON.stringify(line)));
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  await writeFileAtomically(path, `${before}${gap}${added.join('\n')}\n`);
}

async function purposeOf(storePath: string): Promise<string> {
  return `ledger ${(await storeIdIn(storePath)) ?? ''}`;
}
