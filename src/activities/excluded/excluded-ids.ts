import { join } from 'node:path';
import { formatIds, type ImageId, type Md5, parseIds } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { Excluder } from '../../domain/exclusion/excluder.ts';
import { isRemoved } from '../../domain/exclusion/tombstone.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { RunRequest, StoreRef } from '../../domain/run/request.ts';
import { factsOf } from '../../domain/selection/record-facts.ts';
import { ids, object, sha256 } from '../../domain/signing/checks.ts';
import { holdsExclusions, readExclusions } from '../exclusion/exclusions.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { eachManifestRecord } from '../manifest/manifest-records.ts';
import { findText, type TextScope } from '../manifest/manifest-text.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import { storeIdIn } from '../records/store-id.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';

/** Half a million digits, at the most. */
const MOST_BYTES = 1024 ** 2;

const noted = object({ list: sha256, ids });

/** What it takes to know which records are let go. */
export interface ExclusionScope extends TextScope {
  readonly dependencies: Pick<ManifestCaches, 'seal' | 'excluded'>;
}

/**
 * The records of a manifest that the folder's list lets go, as of now, ascending: a list may grow while a run is open. Where
 * only the manifest tells who is meant, that is one pass over it, whose answer is noted for every host.
 */
export async function excludedIds(
  scope: ExclusionScope,
  request: Pick<RunRequest, 'manifest'>,
  md5: Md5,
  { notes = true }: { readonly notes?: boolean } = {},
): Promise<readonly ImageId[]> {
  const { storePath, dependencies } = scope;
  const { seal, excluded } = dependencies;
  // A person's own photographs are nobody's records.
  if (request.manifest.name === 'photos') return [];
  const list = await readExclusions(storePath, seal);
  const removed = (await readLedger(storePath, seal)).removedOf(md5);
  if (list.entries.length === 0 && removed.size === 0) return [];
  const excluder = new Excluder(list, md5);
  const found = excluder.needsRecords
    ? await excluded.get([storePath, md5, list.digest].join('\n'), async () => {
        const known = await readNoted(storePath, md5, list.digest, seal);
        if (known !== undefined) return known;
        const meant = await meantBy(excluder, await findText(scope, request, md5), scope.heartbeat.signal);
        if (notes) await note(storePath, md5, { list: list.digest, ids: formatIds(meant) }, seal);
        return meant;
      })
    : excluder.ids;
  return [...new Set([...found, ...removed])].sort((a, b) => a - b);
}

/** Throws where the list that a run was started with is gone: nobody fetches what it named. */
export async function checkExclusions(
  storePath: string,
  { exclusions }: StoreRef,
  seal: Seal,
): Promise<void> {
  if (exclusions === undefined || holdsExclusions(await readExclusions(storePath, seal), exclusions)) return;
  throw new StoreError(
    'unsafe-folder',
    `store [folder=${join(storePath, statePaths.exclusions)}]: expected the exclusion list that the run was started with, or one ` +
      'that grew of it, got another or none; put it back, then start the run again',
  );
}

async function meantBy(excluder: Excluder, manifest: string, signal: AbortSignal): Promise<ImageId[]> {
  const meant = new Set(excluder.ids);
  await eachManifestRecord(manifest, signal, undefined, async (key, value) => {
    const facts = factsOf(key, value);
    if (!isRemoved(value) && excluder.excludes(facts)) meant.add(facts.id);
  });
  return [...meant].sort((a, b) => a - b);
}

async function readNoted(
  storePath: string,
  md5: Md5,
  digest: string,
  seal: Seal,
): Promise<ImageId[] | undefined> {
  const text = await readSmallFile(join(storePath, statePaths.excludedIds(md5)), MOST_BYTES);
  const said = text === undefined ? undefined : seal.open(await purposeOf(storePath, md5), text.trimEnd());
  const value = said === undefined ? undefined : parsedJson(said);
  if (noted(value) !== undefined) return undefined;
  const { list, ids: known } = value as { readonly list: string; readonly ids: string };
  return list === digest ? parseIds(known) : undefined;
}

async function note(storePath: string, md5: Md5, value: object, seal: Seal): Promise<void> {
  const text = seal.close(await purposeOf(storePath, md5), JSON.stringify(value));
  await writeFileAtomically(join(storePath, statePaths.excludedIds(md5)), `${text}\n`);
}

async function purposeOf(storePath: string, md5: Md5): Promise<string> {
  return `excluded ${(await storeIdIn(storePath)) ?? ''} ${md5}`;
}
