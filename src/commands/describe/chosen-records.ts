import type { Command, OptionValues } from 'commander';
import { describedRecords } from '../../activities/describe/described-records.ts';
import { excludedRecords, nobodyExcluded } from '../../activities/describe/excluded-records.ts';
import { ListedFiles } from '../../activities/describe/listed-files.ts';
import { MadeNotes } from '../../activities/describe/made-notes.ts';
import { Seal } from '../../activities/records/seal.ts';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import { Selector } from '../../domain/selection/select.ts';
import { selectionOf } from '../../domain/selection/selection-of.ts';
import { formatCount } from '../../domain/words/format.ts';
import { keepHeapsSmall } from '../../process/small-heap.ts';
import { keyToLookBy, readSigningKey } from '../../signing/signing-key.ts';
import { type Display, noteTo } from '../../terminal/display.ts';
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

/** Records that flags chose, and which are left out all the same: the folder's list lets them go. */
export class LeftOut {
  records = 0;

  say(display: Display): void {
    if (this.records === 0) return;
    const text = `${formatCount(this.records)} of these records are left out: the folder's exclusion list lets them go`;
    noteTo(display)(text);
  }
}

/** The records of the folder's manifest that {@link addRecordFlags} choose, in its order, but for those that it lets go. */
export async function* chosenRecords(
  context: CommandContext,
  values: OptionValues,
  out: string,
  leftOut = new LeftOut(),
): AsyncGenerator<ChosenRecord, void> {
  const isChosen = selectionOf(await chosenIds(context, values, out));
  const listed = new ListedFiles(out);
  let chosen = 0;
  for await (const { isExcluded, ...record } of recordsIn(context, out)) {
    if (!isChosen(record.id)) continue;
    if (isExcluded) {
      leftOut.records += 1;
      continue;
    }
    const present: ImageKind[] = [];
    for (const { kind, path } of record.files) if (await listed.has(path)) present.push(kind);
    if (values.present === true && present.length === 0) continue;
    chosen += 1;
    yield { ...record, present };
  }
  if (chosen === 0 && values.present === true)
    throw refused(`--present: expected files of the manifest in ${out}, got none`);
}

/** A record of the folder's manifest. */
export interface FolderRecord extends DescribedRecord {
  /** The folder's list lets it go. */
  readonly isExcluded: boolean;
}

/**
 * Every record of the manifest in a folder; by the index that this user's key has sealed there, which is made if need be.
 *
 * @param onForeignList hears of an exclusion list that another key has sealed, which then says nothing; without it, that
 *   is an error
 */
/**
 * Every record of the manifest in a folder; by the index that this user's key has sealed there, which is made if need be.
 *
 * @param onForeignList hears of an exclusion list that another key has sealed, which then says nothing; without it, that
 *   is an error
 */
export async function* recordsIn(
  context: CommandContext,
  out: string,
  onForeignList?: (problem: string) => void,
): AsyncGenerator<FolderRecord, void> {
  // Of what a pass reads little is kept: garbage would double the process before V8 looks for it.
  keepHeapsSmall(50);
  const { config, interrupt } = context;
  const seal = await sealToReadBy(context);
  try {
    const lookBy = seal ?? new Seal(await keyToLookBy(config.keyFile));
    const isExcluded = await excludedRecords(out, interrupt, lookBy).catch((error: unknown) => {
      if (onForeignList === undefined || !isForeign(error)) throw error;
      onForeignList(error.message);
      return nobodyExcluded;
    });
    for await (const record of describedRecords(out, interrupt, seal))
      yield { ...record, isExcluded: isExcluded(record) };
  } catch (error) {
    if (!isNoManifest(error)) throw error;
    throw refused(
      `folder [${out}]: expected ${MANIFEST_FILE}, got none; name the folder with --out, or fetch it with --json`,
    );
  }
}

/** Every record but those that the folder lets go. */
export async function* keptRecordsIn(
  context: CommandContext,
  out: string,
): AsyncGenerator<DescribedRecord, void> {
  for await (const { isExcluded, ...record } of recordsIn(context, out)) if (!isExcluded) yield record;
}

/** Where a dataset folder remembers what was written about it; nothing where no run has been, or no key can be kept. */
export async function notesOf(context: CommandContext, out: string): Promise<{ readonly notes?: MadeNotes }> {
  const seal = await sealToReadBy(context);
  const store = await context.services.findStore(out);
  return seal === undefined || store === undefined ? {} : { notes: new MadeNotes(store.path, seal) };
}

/** Undefined: no key can be kept here, so that nothing would know its own again. */
export async function sealToReadBy({ config }: CommandContext): Promise<Seal | undefined> {
  try {
    return new Seal(await readSigningKey(config.keyFile));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

function isForeign(error: unknown): error is StoreError {
  return error instanceof StoreError && error.reason === 'unsafe-folder';
}

function isNoManifest(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
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
  // As a run does: a hundred that are picked are a hundred of those that stay.
  for await (const record of recordsIn(context, out)) if (!record.isExcluded) selector.add(record);
  return selector.finish().ids;
}
