import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf } from '../../domain/dataset/ids.ts';
import { alignedPath, isReferencePartial, statePaths } from '../../domain/dataset/layout.ts';
import { parsePartialName, partialKeys } from '../../domain/dataset/partial-name.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import type { Purged, PurgeFolderInput, PurgeRecord } from '../../domain/exclusion/purge.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { imageKinds, type ShardKind } from '../../domain/kinds.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { cardsOf } from '../../domain/verify/folder-card.ts';
import type { ActivityScope } from '../activity.ts';
import { atFile, inFolder, pathIn } from '../folders/held-folder.ts';
import { readText } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { readFolderCard, readForeignCards } from '../manifest/folder-card.ts';
import type { Seal } from '../records/seal.ts';
import { writeFileAtomically } from '../store/atomic-file.ts';
import { lstatIfThere } from '../store/file-info.ts';
import { readPurgeWork } from './purge-work.ts';

/** Files of verification records; a group has some megabytes. */
const MOST_RECORD_BYTES = 512 * 1024 ** 2;

/** Removes what a thousand-folder's records leave: pictures of every kind, whole and in part, and what was noted of them. */
export async function purgeFolder(
  { storePath, heartbeat, dependencies }: ActivityScope,
  { folder }: PurgeFolderInput,
): Promise<Purged> {
  const { seal } = dependencies;
  const work = (await readPurgeWork(storePath, seal)).filter(({ id }) => folderOf(id) === folder);
  const alignFolders = await alignFoldersOf(storePath, seal);
  const paths = work.flatMap((record) => pathsOf(record, alignFolders));
  // First what vouches for them, so that no record outlives its file.
  for (const kind of [...imageKinds, 'align'] as const)
    await forgetRecords(storePath, kind, folder, new Set(paths));
  let purged: Purged = { files: 0, bytes: 0 };
  for (const [place, names] of byFolder(paths)) {
    heartbeat.signal.throwIfAborted();
    const gone = await removeIn(storePath, place, names);
    purged = { files: purged.files + gone.files, bytes: purged.bytes + gone.bytes };
  }
  return purged;
}

/** Wherever runs put aligned pictures here, of this key or of others. */
async function alignFoldersOf(storePath: string, seal: Seal): Promise<readonly string[]> {
  const cards = [await readFolderCard(storePath, seal), ...(await readForeignCards(storePath, seal))];
  const all = cards.flatMap(cardsOf).flatMap(({ aligned = [] }) => aligned.map((align) => align.folder));
  return [...new Set(all)];
}

function pathsOf({ files, shared, position }: PurgeRecord, alignFolders: readonly string[]): string[] {
  const own = imageKinds.flatMap((kind) => {
    const path = files[kind]?.path;
    return path === undefined || shared.includes(kind) ? [] : [path];
  });
  return [...own, ...alignFolders.map((folder) => alignedPath(folder, position))];
}

function byFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const path of paths) {
    const folder = folderName(path);
    names.set(folder, [...(names.get(folder) ?? []), fileName(path)]);
  }
  return names;
}

async function removeIn(storePath: string, place: string, names: readonly string[]): Promise<Purged> {
  try {
    return await inFolder(storePath, place, async (held) => {
      const targets = new Set(names.flatMap((name) => [name, ...partialKeys(name)]));
      const whose = (name: string) => parsePartialName(name)?.target ?? targetOfReference(name) ?? name;
      const going = (await readdir(held)).filter((name) => targets.has(whose(name)));
      let bytes = 0;
      for (const name of going) {
        const info = await lstatIfThere(`${held}/${name}`);
        if (info?.isFile()) bytes += Number(info.size);
        if (info?.isDirectory()) await removeTree(`${held}/${name}`);
        else await removeFile(`${held}/${name}`);
      }
      await syncFolder(held);
      return { files: going.length, bytes };
    });
  } catch (error) {
    // A link on the way is refused: what lies behind it may be the very picture.
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return { files: 0, bytes: 0 };
    throw error;
  }
}

/** The reference's own unfinished files hold the picture too. */
function targetOfReference(name: string): string | undefined {
  return isReferencePartial(name) ? name.replace(/\.tmp\.[0-9a-f]{32}$/, '') : undefined;
}

/** Takes the lines of these files out of what every writer noted, of whatever key. */
async function forgetRecords(
  storePath: string,
  kind: ShardKind,
  group: string,
  paths: ReadonlySet<string>,
): Promise<void> {
  const folder = pathIn(storePath, statePaths.verified(kind, group));
  let names: string[];
  try {
    names = await inFolder(storePath, statePaths.verified(kind, group), (held) => readdir(held));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return;
    throw error;
  }
  for (const name of names) {
    const path = join(folder, name);
    // Of a purge that was killed while it wrote them.
    if (/\.[0-9a-f]{12}\.new$/.test(name)) {
      await atFile(path, removeFile);
      continue;
    }
    const text = await atFile(path, (file) => readText(file, MOST_RECORD_BYTES));
    const lines = text.split('\n');
    const kept = lines.filter((line) => !isAbout(line, paths));
    if (kept.length < lines.length) await writeFileAtomically(path, kept.join('\n'));
  }
}

/** Torn lines count by what can be read of them. */
function isAbout(line: string, paths: ReadonlySet<string>): boolean {
  const value = parsedJson(line) as { readonly file?: unknown } | null | undefined;
  const file = value?.file;
  if (typeof file === 'string') return paths.has(file);
  const torn = /"file":"([^"]*)/.exec(line)?.[1];
  return torn !== undefined && [...paths].some((path) => path === torn);
}
