import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../activities/store/atomic-file.ts';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import { parseMd5 } from '../../domain/dataset/ids.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { MadeFile } from './sample.ts';

/**
 * A small file in the folder that says what was made there: written before the first file without digests, and again
 * after the last with them. A folder that lacks it and is not empty is somebody else's, and is left alone.
 */
const STAMP_NAME = '.ffhq-made.json';

interface Stamp {
  /** Version of the maker and its options: the same recipe makes the same files. */
  readonly recipe: string;
  readonly files?: readonly MadeFile[];
}

/** The files of an earlier making by the same recipe, or undefined when any of them is missing or altered. */
export async function readStamp(folder: string, recipe: string): Promise<readonly MadeFile[] | undefined> {
  const stamp = await parseStamp(folder);
  if (stamp?.recipe !== recipe || stamp.files === undefined) return undefined;
  for (const file of stamp.files) {
    if (!(await isIntact(join(folder, file.filePath), file))) return undefined;
  }
  return stamp.files;
}

/**
 * Makes the folder this recipe's own, and removes what another recipe made there.
 *
 * @throws An Error when it holds files that no maker put there.
 */
export async function beginStamp(folder: string, recipe: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  for (const name of names) await demandOwn(join(folder, name));
  const before = await parseStamp(folder);
  if (before === undefined && names.length > 0 && !names.includes(STAMP_NAME)) {
    throw new Error(
      `sample [folder=${folder}]: expected an empty folder or an earlier sample, got ${names.length} other entries`,
    );
  }
  if (before !== undefined && before.recipe !== recipe) {
    for (const file of before.files ?? []) await rm(join(folder, file.filePath), { force: true });
  }
  await writeStamp(folder, { recipe });
}

/** What somebody else put there, and where a link leads, is nothing to write over or to clear away. */
async function demandOwn(path: string): Promise<void> {
  const seen = await lstat(path);
  const { uid, nlink } = seen;
  const isOwn = process.geteuid === undefined || uid === process.geteuid();
  if (isOwn && (seen.isDirectory() || (seen.isFile() && nlink === 1))) return;
  throw new Error(`sample [path=${path}]: expected a file or folder of this user, got another; remove it`);
}

/** Writes down that everything is there. */
export async function completeStamp(
  folder: string,
  recipe: string,
  files: readonly MadeFile[],
): Promise<void> {
  await writeStamp(folder, { recipe, files });
}

async function writeStamp(folder: string, stamp: Stamp): Promise<void> {
  await writeFileAtomically(join(folder, STAMP_NAME), `${JSON.stringify(stamp)}\n`);
}

async function parseStamp(folder: string): Promise<Stamp | undefined> {
  const text = await readFile(join(folder, STAMP_NAME), 'utf8').catch(() => '{}');
  const value = parsedJson(text);
  if (value === null || typeof value !== 'object' || !('recipe' in value)) return undefined;
  if (typeof value.recipe !== 'string') return undefined;
  if (!('files' in value)) return { recipe: value.recipe };
  if (!Array.isArray(value.files) || !value.files.every(isMadeFile)) return undefined;
  return { recipe: value.recipe, files: value.files };
}

function isMadeFile(value: unknown): value is MadeFile {
  if (value === null || typeof value !== 'object') return false;
  if (!('filePath' in value && 'size' in value && 'md5' in value)) return false;
  // A stamp that somebody edited must not lead deletions out of the folder.
  const inside =
    typeof value.filePath === 'string' && /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9./-]*$/.test(value.filePath);
  return inside && typeof value.size === 'number' && parseMd5(value.md5) !== undefined;
}

async function isIntact(path: string, { size, md5 }: MadeFile): Promise<boolean> {
  try {
    if ((await stat(path)).size !== size) return false;
    const digest = runningMd5();
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(piece);
    return digest.digest() === md5;
  } catch {
    return false;
  }
}
