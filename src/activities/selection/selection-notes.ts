import { join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { RunRequest, SelectionRequest } from '../../domain/run/request.ts';
import type { SelectionAsk } from '../../domain/selection/ask.ts';
import type { Selected } from '../../domain/selection/select.ts';
import {
  MOST_SELECTION_BYTES,
  parseSelectionFile,
  type SelectionFile,
  selectionText,
} from '../../domain/selection/selection-file.ts';
import { type ManifestCaches, manifestLost } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';

const PURPOSE = 'selection';

/** Where the records of a selection are noted. */
export function selectionPath(storePath: string, { name }: SelectionRequest): string {
  return join(storePath, name === 'asked' ? statePaths.selection : statePaths.heldSelection);
}

export async function writeSelection(
  path: string,
  { asked, ask, md5, selected }: { asked: string; ask: SelectionAsk; md5: Md5; selected: Selected },
  seal: Seal,
): Promise<SelectionFile> {
  const { text, file } = selectionText(ask, asked, md5, selected);
  await writeFileAtomically(path, `${seal.close(PURPOSE, text)}\n`);
  return file;
}

/** Our own, of whatever was asked last; undefined where there is none. */
export async function readSelection(path: string, seal: Seal): Promise<SelectionFile | undefined> {
  const text = (await readSmallFile(path, MOST_SELECTION_BYTES))?.trimEnd();
  const said = text === undefined ? undefined : seal.open(PURPOSE, text);
  return said === undefined ? undefined : parseSelectionFile(said);
}

/** Is it what this was asked, of this manifest? */
export function isOf(file: SelectionFile, { digest }: SelectionRequest, md5: Md5): boolean {
  return file.asked === digest && file.manifestMd5 === md5;
}

/**
 * A request with the records that it selects, as ranges; without a selection as it is. Throws `manifest-lost` where the
 * folder has another selection, or none that is ours: the run makes it anew.
 */
export async function withSelected(
  { selected, seal }: ManifestCaches,
  storePath: string,
  request: RunRequest,
  md5: Md5,
): Promise<RunRequest> {
  const { selection } = request;
  if (selection === undefined) return request;
  const path = selectionPath(storePath, selection);
  const file = await selected.get(`${path}\n${selection.digest}\n${md5}`, async () => {
    const kept = await readSelection(path, seal);
    if (kept === undefined) throw manifestLost(path, 'no selection that a run of this key has made');
    if (isOf(kept, selection, md5)) return kept;
    throw manifestLost(
      path,
      `the selection ${kept.asked.slice(0, 12)} of the manifest ${kept.manifestMd5} in place of ` +
        `${selection.digest.slice(0, 12)} of ${md5}`,
    );
  });
  return chosenBy(request, file);
}

/** The request with its records, as ranges. */
export function chosenBy(
  request: RunRequest,
  { ids, idsOf }: Pick<SelectionFile, 'ids' | 'idsOf'>,
): RunRequest {
  return idsOf === undefined ? { ...request, ids } : { ...request, idsOf };
}
