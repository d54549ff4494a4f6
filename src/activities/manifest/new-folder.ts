import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { md5Of } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { HOUR } from '../../domain/run/time-units.ts';
import { atFile, inFolderAt } from '../folders/held-folder.ts';
import { createAnew, isMisleading, readText } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import type { Seal } from '../records/seal.ts';
import { syncFile, writeFileAtomically } from '../store/atomic-file.ts';

/** The file of a finished folder that says what is in it; it comes last, and names the digest of every other. */
const SUMMARY_FILE = 'summary.json';

/** What was noted of one manifest, or of one way to align its faces, serves for no other: that is its purpose. */
export interface Mark {
  readonly seal: Seal;
  readonly purpose: string;
}

/** Files synced at a time: the disk writes them in one go. */
const SYNCED_TOGETHER = 8;

/**
 * Files of a folder that are the same whenever they are made: written and synced beside it, then each is put in its
 * place over whatever lies there, then the summary. Nothing counts before {@link finish}, a file that is right there
 * stays right meanwhile, and two that make them at the same time, or one that was killed half-way, spoil nothing.
 */
export class NewFolder {
  readonly #temporary: string;
  readonly #names: string[] = [];

  /** `temporary`: where the files lie until then, on the same file system; named so that {@link removeAbandoned} knows it. */
  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /** Writes a file of lines; `name` may be in a folder below. Answers the MD5 of its text. */
  async writeLines(name: string, lines: readonly string[]): Promise<Md5> {
    const path = join(this.#temporary, name);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const handle = await atFile(path, createAnew, 'made');
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    this.#names.push(name);
    return md5Of(bytes);
  }

  async finish(final: string, summary: object, mark: Mark): Promise<void> {
    for (let at = 0; at < this.#names.length; at += SYNCED_TOGETHER) {
      const names = this.#names.slice(at, at + SYNCED_TOGETHER);
      await Promise.all(names.map((name) => atFile(join(this.#temporary, name), syncFile)));
    }
    const folders = new Set([final, ...this.#names.map((name) => dirname(join(final, name)))]);
    for (const folder of folders) await makeFolder(folder);
    for (const name of this.#names) {
      const place = join(final, name);
      await atFile(join(this.#temporary, name), (from) => atFile(place, (to) => putInPlace(from, to)));
    }
    for (const folder of folders) await inFolderAt(folder, syncFolder);
    await writeSealed(final, summary, mark);
    await inFolderAt(dirname(final), syncFolder);
    await this.discard();
  }

  async discard(): Promise<void> {
    await atFile(this.#temporary, removeTree);
  }
}

/** What the summary of a finished folder says, if there is one and it is ours, every character as it was written. */
export async function readSealedSummary(
  folder: string,
  { seal, purpose }: Mark,
): Promise<object | undefined> {
  try {
    const text = await atFile(join(folder, SUMMARY_FILE), readText);
    const said = seal.open(purpose, text);
    return said === undefined ? undefined : (JSON.parse(said) as object);
  } catch (error) {
    const isLost =
      error instanceof StoreError ||
      isMisleading(error) ||
      ['ENOENT', 'EISDIR', 'ENOTDIR', 'EIO'].includes(errorCode(error) ?? '');
    if (!isLost) throw error;
    return undefined;
  }
}

async function writeSealed(folder: string, summary: object, { seal, purpose }: Mark): Promise<void> {
  const path = join(folder, SUMMARY_FILE);
  const text = seal.close(purpose, JSON.stringify(summary));
  try {
    await writeFileAtomically(path, text);
  } catch (error) {
    if (errorCode(error) !== 'EISDIR') throw error;
    await atFile(path, removeTree);
    await writeFileAtomically(path, text);
  }
}

/** How old something unfinished is when nobody can be at it any more: making it takes a minute. */
const ABANDONED_MS = HOUR;

/** Removes what makers that were killed have left unfinished in a folder. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!/^new-[0-9a-f]{12}$|\.[0-9a-f]{12}\.(new|copy)$/.test(name)) continue;
    try {
      await atFile(join(folder, name), async (path) => {
        if (Date.now() - (await lstat(path)).mtimeMs > ABANDONED_MS) await removeTree(path);
      });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await inFolderAt(folder, (held) => readdir(held));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await inFolderAt(path, async () => {}, 'made');
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
    await atFile(path, async (file) => {
      await removeFile(file);
      await mkdir(file);
    });
  }
}

async function putInPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EISDIR') throw error;
    await removeTree(to);
    await rename(from, to);
  }
}
