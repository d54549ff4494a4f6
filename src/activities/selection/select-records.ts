import { sha256Of } from '../../domain/dataset/digest.ts';
import { formatIds, type ImageId } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import type { ManifestInput } from '../../domain/run/activity-inputs.ts';
import type { SelectionRequest } from '../../domain/run/request.ts';
import type { SelectedRecords } from '../../domain/run/workflow-inputs.ts';
import type { SelectionFile } from '../../domain/selection/selection-file.ts';
import type { ActivityScope } from '../activity.ts';
import { excludedIds } from '../excluded/excluded-ids.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { writeFolderCard } from '../manifest/folder-card.ts';
import { findText } from '../manifest/manifest-text.ts';
import { readAsk } from './asks.ts';
import { selectFrom } from './select-from.ts';
import { chosenBy, isOf, readSelection, selectionPath, writeSelection } from './selection-notes.ts';

/**
 * Which records of the manifest the run is about: by what its client laid into the folder, in one pass over the manifest,
 * and noted in `selection.json` for every other Activity. Known selections are not made again.
 */
export async function selectRecords(scope: ActivityScope, input: ManifestInput): Promise<SelectedRecords> {
  const { storePath, dependencies } = scope;
  const { request, manifest } = input;
  const { selection } = request;
  const { seal } = dependencies;
  if (selection === undefined) throw new Error('request: expected a selection, got nothing');
  const known = await readSelection(selectionPath(storePath, selection), seal);
  const excluded = await excludedIds(scope, request, manifest.md5);
  const isKnown =
    known !== undefined && isOf(known, selection, manifest.md5) && known.leftOut === leftOutOf(excluded);
  const file = isKnown ? known : await select(scope, input, selection, excluded);
  // Before the first file: the folder must not hold what its card does not explain.
  await writeFolderCard(storePath, manifest.md5, chosenBy(request, file), seal);
  return { records: file.records, of: file.of, digest: file.digest };
}

async function select(
  scope: ActivityScope,
  { request, manifest }: ManifestInput,
  selection: SelectionRequest,
  excluded: readonly ImageId[],
): Promise<SelectionFile> {
  const { storePath, heartbeat, dependencies } = scope;
  heartbeat.say('selecting records');
  heartbeat.setTotals([{ size: manifest.bytes }]);
  const ask = await readAsk(storePath, selection.digest);
  if (ask === undefined) {
    throw new ManifestError(
      `selection [file=${statePaths.ask(selection.digest)}]: expected what was asked for, got nothing or something else; ` +
        'start the run again with the same flags',
    );
  }
  const selected = await selectFrom(await findText(scope, request, manifest.md5), ask, {
    md5: manifest.md5,
    signal: heartbeat.signal,
    onBytes: (bytes) => heartbeat.addNotedBytes(bytes),
    excluded,
    ledger: await readLedger(storePath, dependencies.seal),
  });
  const of = {
    asked: selection.digest,
    ask,
    md5: manifest.md5,
    selected: { ...selected, ...leftOut(excluded) },
  };
  return writeSelection(selectionPath(storePath, selection), of, dependencies.seal);
}

/** Another list of what is let go makes another selection. */
function leftOutOf(excluded: readonly ImageId[]): string | undefined {
  return excluded.length === 0 ? undefined : sha256Of(formatIds(excluded));
}

function leftOut(excluded: readonly ImageId[]): Pick<SelectionFile, 'leftOut'> {
  const digest = leftOutOf(excluded);
  return digest === undefined ? {} : { leftOut: digest };
}
