import type { Command, OptionValues } from 'commander';
import { describedRecords } from '../../activities/describe/described-records.ts';
import { ListedFiles } from '../../activities/describe/listed-files.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import { Selector } from '../../domain/selection/select.ts';
import { selectionOf } from '../../domain/selection/selection-of.ts';
import type { CommandContext } from '../context/context.ts';
import { addSelectionFlags, readWanted } from '../flags/selection/selection-flags.ts';

/** A record that the flags chose, and which of its files lie in the folder. */
export interface ChosenRecord extends DescribedRecord {
  readonly present: readonly ImageKind[];
}

/** Which records a verb is about that describes a folder. */
export function addRecordFlags(command: Command): Command {
  return addSelectionFlags(command).option('--present', 'only records of which a file lies in the folder');
}

/** The records of the folder's manifest that {@link addRecordFlags} choose, in its order. */
export async function* chosenRecords(
  context: CommandContext,
  values: OptionValues,
  out: string,
): AsyncGenerator<ChosenRecord, void> {
  const isChosen = selectionOf(await chosenIds(context, values, out));
  const listed = new ListedFiles(out);
  let chosen = 0;
  for await (const record of describedRecords(out, context.interrupt)) {
    if (!isChosen(record.id)) continue;
    const present: ImageKind[] = [];
    for (const { kind, path } of record.files) if (await listed.has(path)) present.push(kind);
    if (values.present === true && present.length === 0) continue;
    chosen += 1;
    yield { ...record, present };
  }
  if (chosen === 0 && values.present === true)
    throw refused(`--present: expected files of the manifest in ${out}, got none`);
}

/** As ranges; undefined: all. A second pass: what is picked is only known after the last record. */
async function chosenIds(
  context: CommandContext,
  values: OptionValues,
  out: string,
): Promise<string | undefined> {
  const { ids, selection } = readWanted(values, context.folders);
  if (ids === undefined && selection === undefined) return undefined;
  const selector = new Selector(selection ?? { ...(ids === undefined ? {} : { ids }) });
  for await (const record of describedRecords(out, context.interrupt)) selector.add(record);
  return selector.finish().ids;
}
