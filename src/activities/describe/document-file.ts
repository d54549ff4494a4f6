import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { HOUR } from '../../domain/run/time-units.ts';
import { inFolder } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { lstatIfThere } from '../store/file-info.ts';
import { ReplacedFile } from '../store/replaced-file.ts';
import type { MadeNotes } from './made-notes.ts';

/** A text for people or programs about a dataset folder, made by a command. */
export interface Document {
  /** An absolute path; made if it is not there. */
  readonly folder: string;
  /** A plain name. */
  readonly name: string;
  /** How every such document begins. A file of its name that begins otherwise is not ours, and stays. */
  readonly head: string;
  /** What follows the head. */
  readonly pieces: Iterable<string>;
  /** Of the dataset folder that it is about: remembers what was written. */
  readonly notes?: MadeNotes;
}

/**
 * Writes a document under the name of a draft, then puts it in its place: readers see the old one or the new one. No link
 * is followed.
 *
 * @returns its path, and bytes
 * @throws CommandFailure where another file lies there, or nothing may be written.
 */
export async function writeDocument(
  document: Document,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const { folder, name, head, pieces, notes } = document;
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    await inFolder(folder, '', async (held) => {
      await refuseOthers(`${held}/${name}`, document);
      await removeDrafts(held, name);
    });
    const file = await ReplacedFile.begin(folder, name);
    try {
      const md5 = runningMd5();
      let bytes = 0;
      for (const piece of withHead(head, pieces)) {
        signal.throwIfAborted();
        const data = Buffer.from(piece);
        md5.update(data);
        bytes += data.length;
        await file.write(piece);
      }
      await notes?.add(md5.digest());
      await file.replace();
      return { path, bytes };
    } finally {
      await file.discard();
    }
  } catch (error) {
    if (
      !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')
    )
      throw error;
    throw refused(
      `document [path=${path}]: expected to write it, got ${errorCode(error)}; give another folder with --to`,
    );
  }
}

function* withHead(head: string, pieces: Iterable<string>): Generator<string> {
  yield head;
  yield* pieces;
}

async function refuseOthers(path: string, { folder, name, head }: Document): Promise<void> {
  const begin = await beginningOf(path, Buffer.byteLength(head));
  if (begin === undefined || begin === head) return;
  throw refused(
    `document [path=${join(folder, name)}]: expected none, or one of this command, got another; move it, or give another folder with --to`,
  );
}

/** What was being written when the power failed. Nobody writes a document for an hour. */
async function removeDrafts(held: string, name: string): Promise<void> {
  for (const other of await readdir(held)) {
    if (!other.startsWith(`${name}.`) || !/^[0-9a-f]{12}\.new$/.test(other.slice(name.length + 1))) continue;
    const info = await lstatIfThere(`${held}/${other}`);
    if (info?.isFile() === true && Date.now() - Number(info.mtimeMs) > HOUR)
      await removeFile(`${held}/${other}`);
  }
}

/** A file's first bytes, as text. Undefined: nothing lies there. Empty for what is no file. */
async function beginningOf(path: string, bytes: number): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return '';
    const handle = await openToRead(path);
    try {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(bytes), position: 0 });
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
