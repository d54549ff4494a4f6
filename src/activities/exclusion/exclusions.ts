import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import {
  digestsOf,
  type ExclusionEntry,
  type ExclusionList,
  exclusionText,
  MOST_EXCLUSION_BYTES,
  mostOfExclusions,
  noExclusions,
  parseExclusions,
  withEntries,
} from '../../domain/exclusion/exclusion-list.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import type { Seal } from '../records/seal.ts';
import { storeIdIn } from '../records/store-id.ts';
import { readSmallFile, writeNewFile } from '../store/atomic-file.ts';

/*
 * The list lies in the folder, so that every host sees it: `list-000003.json` is its third version, sealed like whatever else
 * this program keeps there. A version is made once, under a name that nobody else can take, and never changed; the one before
 * goes then. Two commands at the same time, on two hosts perhaps, so make two versions, and none loses what the other said.
 */

const NAME = /^list-(\d{6})\.json$/;

/** The folder's list; without one, an empty one. Throws `unsafe-folder` for one of another key: whether it holds a person says. */
export async function readExclusions(storePath: string, seal: Seal): Promise<ExclusionList> {
  for (;;) {
    const name = (await versionsIn(storePath)).at(-1);
    if (name === undefined) return noExclusions;
    const text = await readSmallFile(pathOf(storePath, name), MOST_EXCLUSION_BYTES).catch(
      (error: unknown) => {
        if (errorCode(error) === 'EISDIR') throw foreign(storePath, name);
        throw error;
      },
    );
    // A newer one has taken its place.
    if (text === undefined) continue;
    const said = seal.open(await purposeOf(storePath), text.trimEnd());
    if (said === undefined) throw foreign(storePath, name);
    const list = parseExclusions(said);
    if ('problem' in list) throw foreign(storePath, name);
    return list;
  }
}

/** Makes the list's next version. `over`: also where the last one is of another key, of which nothing is taken over but its place. */
export async function addExclusions(
  storePath: string,
  seal: Seal,
  entries: readonly ExclusionEntry[],
  { over = false }: { readonly over?: boolean } = {},
): Promise<{ readonly before: ExclusionList; readonly now: ExclusionList }> {
  await inFolder(storePath, statePaths.exclusions, async () => {}, 'synced');
  const purpose = await purposeOf(storePath);
  let first: ExclusionList | undefined;
  if (over) await removeForeign(storePath, seal);
  for (;;) {
    const latest = Number(NAME.exec((await versionsIn(storePath)).at(-1) ?? '')?.[1] ?? 0);
    const before = await readExclusions(storePath, seal);
    const now = withEntries(before, entries);
    refuseTooMany(now);
    // Also after a version was made: where others were faster, its name was free again, and theirs counts.
    if (now === before && latest <= before.version) {
      const older = (await versionsIn(storePath)).filter((name) => name < nameOf(now.version));
      for (const name of older) await atFile(pathOf(storePath, name), removeFile);
      return { before: first ?? before, now };
    }
    first ??= before;
    const version = Math.max(latest, before.version) + 1;
    const text = `${seal.close(purpose, exclusionText({ ...now, version }))}\n`;
    await createOnce(pathOf(storePath, nameOf(version)), text);
  }
}

/** Does a list that may have grown still have all of the one that a run began with? */
export function holdsExclusions({ entries }: ExclusionList, digest: string): boolean {
  return digestsOf(entries).includes(digest);
}

/** Those of other keys go, from the latest on: a person has looked at them. */
async function removeForeign(storePath: string, seal: Seal): Promise<void> {
  for (;;) {
    const name = (await versionsIn(storePath)).at(-1);
    try {
      await readExclusions(storePath, seal);
      return;
    } catch (error) {
      if (name === undefined || !(error instanceof StoreError) || error.reason !== 'unsafe-folder')
        throw error;
      await atFile(pathOf(storePath, name), removeFile);
    }
  }
}

/** A list that is longer than one that is read would end every run here. */
function refuseTooMany({ entries, version }: ExclusionList): void {
  const most = mostOfExclusions.entries;
  if (entries.length <= most && version <= most) return;
  throw refused(
    `exclusions: expected at most ${most} entries in ${most} versions, got ${entries.length} in ${version}; ` +
      'give many ids, accounts or photographs to one command',
  );
}

/** By version, the latest last. */
async function versionsIn(storePath: string): Promise<readonly string[]> {
  try {
    const names = await inFolder(storePath, statePaths.exclusions, (folder) => readdir(folder));
    return names.filter((name) => NAME.test(name)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}

/** Does nothing where one of the same name is there. Others see it whole or not at all, except where there are no links. */
async function createOnce(path: string, text: string): Promise<void> {
  await atFile(path, async (file) => {
    const own = `${file}.${randomBytes(6).toString('hex')}.new`;
    try {
      await writeNewFile(own, text);
      await link(own, file).catch((error: unknown) => {
        if (errorCode(error) === 'EEXIST') throw error;
        return writeNewFile(file, text);
      });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    } finally {
      await removeFile(own);
    }
    await syncFolder(dirname(file));
  });
}

function nameOf(version: number): string {
  return `list-${String(version).padStart(6, '0')}.json`;
}

function pathOf(storePath: string, name: string): string {
  return join(storePath, statePaths.exclusions, name);
}

/** A list serves for no other folder: it is given to one by `--from`. */
async function purposeOf(storePath: string): Promise<string> {
  return `exclusions ${(await storeIdIn(storePath)) ?? ''}`;
}

function foreign(storePath: string, name: string): StoreError {
  const path = pathOf(storePath, name);
  return new StoreError(
    'unsafe-folder',
    `store [file=${path}]: expected an exclusion list that this key has sealed, got another; look at it, then take it over with ` +
      `\`ffhq exclude --from ${path} --out ${storePath}\`, or remove it`,
  );
}
