import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../domain/dataset/digest.ts';
import { MANIFEST_FILE, STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { componentsOf } from '../../domain/dataset/plain-path.ts';
import type { RemovedLine } from '../../domain/exclusion/ledger.ts';
import type { Purged, PurgeEnd, PurgePlanInput, PurgeRecord } from '../../domain/exclusion/purge.ts';
import { TellingWords } from '../../domain/exclusion/telling-words.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { ActivityScope } from '../activity.ts';
import { addToLedger, readLedger } from '../exclusion/ledger-file.ts';
import { letGoInPlace } from '../exclusion/tombstoned-text.ts';
import { atFile, inFolder, pathIn } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';
import { lstatIfThere } from '../store/file-info.ts';
import { archivesIn, removeArchive } from './archives.ts';
import { OwnTexts } from './own-texts.ts';
import { readPurgeWork, removePurgeWork } from './purge-work.ts';
import { tellingFiles } from './telling-files.ts';

/** What this program keeps in its own folder that says nothing of records, or is dealt with line by line. */
const keptOfState =
  /^\.ffhq\/(exclusions|verified|cards|selections)\/|^\.ffhq\/(store|store-twin|owner)\.json$/;

/**
 * The rest of a purge, when the pictures are gone: the ledger, the manifest's tombstones, whatever was derived of the manifest,
 * archives, and a look at all that is left. Each step may be done already.
 */
export async function finishPurge(
  scope: ActivityScope,
  { deleteArchives }: PurgePlanInput,
): Promise<PurgeEnd> {
  const { storePath, heartbeat, dependencies } = scope;
  const work = await readPurgeWork(storePath, dependencies.seal);
  heartbeat.say('writing the ledger and the tombstones');
  await noteRemoved(scope, work);
  for (const manifest of new Set(work.map((record) => record.manifest))) await letGoInPlace(scope, manifest);
  await removeDerived(storePath);
  const gone = deleteArchives && work.length > 0 ? await removeArchives(storePath) : { files: 0, bytes: 0 };
  heartbeat.say('looking for what still tells of them');
  const words = new TellingWords(work.flatMap((record) => record.words));
  // What went is known no longer: what an earlier purge has left is told again, as long as it is there.
  const left = new Set(await stillLeft(storePath));
  const texts = new OwnTexts(storePath, dependencies.seal, heartbeat.signal);
  const onStep = () => heartbeat.signal.throwIfAborted();
  if (work.length > 0) {
    for await (const path of tellingFiles(storePath, words, onStep)) {
      const isOurs = path.startsWith(`${STATE_FOLDER}/`) ? !keptOfState.test(path) : await texts.has(path);
      if (isOurs) await atFile(join(storePath, path), removeFile);
      else left.add(path);
    }
  }
  await noteLeft(storePath, [...left]);
  await removePurgeWork(storePath);
  return { ...gone, left: left.size };
}

async function noteRemoved(
  { storePath, dependencies }: ActivityScope,
  work: readonly PurgeRecord[],
): Promise<void> {
  const { removed } = await readLedger(storePath, dependencies.seal);
  const known = new Set(removed.map(({ manifest, id }) => `${manifest} ${id}`));
  const at = new Date().toISOString();
  const lines = work.flatMap(({ manifest, id, record, reason, files }): RemovedLine[] => {
    if (known.has(`${manifest} ${id}`)) return [];
    const digests = Object.entries(files).map(([kind, { md5 }]) => [kind, sha256Of(md5)]);
    const why = reason === undefined ? {} : { reason };
    return [{ what: 'record', at, ...why, manifest, id, record, files: Object.fromEntries(digests) }];
  });
  await addToLedger(storePath, dependencies.seal, lines);
}

/** Slices, crops, texts that were put aside or on their way, indexes, reports: all of it is made anew of what is left. */
async function removeDerived(storePath: string): Promise<void> {
  for (const name of await namesIn(storePath, statePaths.manifests)) {
    const isDerived = /^[0-9a-f]{32}$|^new-[0-9a-f]{12}$|^incoming\.json/.test(name);
    if (isDerived) await atFile(join(storePath, statePaths.manifests, name), removeTree);
  }
  for (const name of await namesIn(storePath, STATE_FOLDER)) {
    const isDerived = /^(index|pages|timeline.*|report\..+|report|contact-sheet.*)$/.test(name);
    if (isDerived) await atFile(join(storePath, STATE_FOLDER, name), removeTree);
  }
  for (const name of await namesIn(storePath, '')) {
    const isAside = name !== MANIFEST_FILE && /^ffhq-dataset-v2-before-[0-9a-f]{12}\.json$/.test(name);
    if (isAside) await atFile(join(storePath, name), removeFile);
  }
}

async function removeArchives(storePath: string): Promise<Purged> {
  let purged: Purged = { files: 0, bytes: 0 };
  for (const path of await archivesIn(storePath)) {
    const info = await lstatIfThere(join(storePath, path));
    // A bag is a folder, of further names for the same bytes.
    const size = info?.isFile() === true ? Number(info.size) : 0;
    await removeArchive(storePath, path);
    purged = { files: purged.files + 1, bytes: purged.bytes + size };
  }
  return purged;
}

/** Most bytes of the list of what is left. */
const MOST_LEFT_BYTES = 16 * 1024 ** 2;

async function stillLeft(storePath: string): Promise<string[]> {
  const text = await readSmallFile(join(storePath, statePaths.purgeLeft), MOST_LEFT_BYTES);
  const names = (text ?? '').split('\n').map(parsedJson);
  const left: string[] = [];
  for (const name of names) {
    if (
      typeof name === 'string' &&
      componentsOf(name) &&
      (await lstatIfThere(pathIn(storePath, name)))?.isFile()
    )
      left.push(name);
  }
  return left;
}

async function noteLeft(storePath: string, left: readonly string[]): Promise<void> {
  const path = join(storePath, statePaths.purgeLeft);
  if (left.length === 0) await atFile(path, removeFile);
  else
    await writeFileAtomically(
      path,
      left
        .toSorted()
        .map((name) => `${JSON.stringify(name)}\n`)
        .join(''),
    );
}

async function namesIn(storePath: string, folder: string): Promise<readonly string[]> {
  try {
    return await inFolder(storePath, folder, (held) => readdir(held));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}
