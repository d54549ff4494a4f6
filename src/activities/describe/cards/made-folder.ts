import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { refused } from '../../../domain/failure/command-failure.ts';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import { HOUR } from '../../../domain/run/time-units.ts';
import { HeldFolder } from '../../folders/held-folder.ts';
import { removeFile } from '../../folders/remove-file.ts';
import { removeTree } from '../../folders/remove-tree.ts';
import { syncFolder } from '../../folders/sync-folder.ts';
import type { Seal } from '../../records/seal.ts';
import { lstatIfThere, md5OfFile } from '../../store/file-info.ts';
import { MadeNotes } from '../made-notes.ts';
import { DigestedText } from './digested-text.ts';

/** Larger files are none of ours. */
const MOST_BYTES = 1024 ** 3;

/** A text that was put in its place. */
export interface MadeFile {
  readonly name: string;
  readonly bytes: number;
  readonly md5: string;
  readonly sha256: string;
}

/**
 * The folder into which files are made that say what a dataset folder holds. Each takes its place as a whole. What lies
 * there already is replaced only where it is, byte for byte, what this program wrote: the dataset folder remembers its MD5.
 */
export class MadeFolder {
  readonly path: string;
  readonly #held: HeldFolder;
  readonly #notes: MadeNotes;
  readonly #signal: AbortSignal;
  /** The dataset folder takes no notes. */
  isForgotten = false;

  private constructor(path: string, held: HeldFolder, notes: MadeNotes, signal: AbortSignal) {
    this.path = path;
    this.#held = held;
    this.#notes = notes;
    this.#signal = signal;
  }

  /** To be released. Makes the folder; what an earlier one left unfinished there an hour ago or more goes. */
  static async open(path: string, out: string, seal: Seal, signal: AbortSignal): Promise<MadeFolder> {
    const held = await mkdir(path, { recursive: true }).then(
      () => HeldFolder.root(path),
      (error: unknown) => refuseUnwritable(path, error),
    );
    const folder = new MadeFolder(path, held, new MadeNotes(out, seal), signal);
    await folder.#sweep();
    return folder;
  }

  release(): Promise<void> {
    return this.#held.release();
  }

  /** Could a file of ours go there? */
  async isFree(name: string): Promise<boolean> {
    const path = `${this.#held.path}/${name}`;
    const info = await lstatIfThere(path);
    if (info === undefined) return true;
    if (!info.isFile() || info.size > MOST_BYTES) return false;
    const md5 = await md5OfFile(path, this.#signal, () => {});
    return (await this.#notes.written()).includes(md5);
  }

  /** Throws a refusal where something lies there that this program did not write, or that somebody has changed since. */
  async checkFree(name: string): Promise<void> {
    if (await this.isFree(name)) return;
    throw refused(
      `metadata [path=${join(this.path, name)}]: expected nothing there, or what this program wrote, got another file; ` +
        'move it away, or give another folder with --to',
    );
  }

  /** Writes a text beside its place, and puts it there once `fill` is done. */
  async make(
    name: string,
    fill: (write: (text: string) => Promise<void>) => Promise<void>,
  ): Promise<MadeFile> {
    const begun = await this.begin(name);
    try {
      await fill((text) => begun.write(text));
      return await begun.finish();
    } finally {
      await begun.discard();
    }
  }

  /** The same in steps. */
  async begin(name: string) {
    const draft = `${this.#held.path}/${draftName(name)}`;
    const text = await DigestedText.begin(draft).catch((error: unknown) =>
      refuseUnwritable(this.path, error),
    );
    let isOpen = true;
    let isThere = true;
    return {
      write: (piece: string) => text.write(piece),
      finish: async (): Promise<MadeFile> => {
        isOpen = false;
        const made = await text.end();
        await this.checkFree(name);
        if (!(await this.#notes.add(made.md5))) this.isForgotten = true;
        await rename(draft, `${this.#held.path}/${name}`);
        isThere = false;
        await syncFolder(this.#held.path);
        return { name, ...made };
      },
      discard: async (): Promise<void> => {
        if (isOpen) await text.close();
        isOpen = false;
        if (isThere) await removeFile(draft);
        isThere = false;
      },
    };
  }

  /** A folder beside its place, to be put there by {@link place}; nothing may lie there. */
  async draftFolder(name: string): Promise<string> {
    const draft = `${this.#held.path}/${draftName(name)}`;
    await mkdir(draft).catch((error: unknown) => refuseUnwritable(this.path, error));
    return draft;
  }

  async checkNothing(name: string): Promise<void> {
    if ((await lstatIfThere(`${this.#held.path}/${name}`)) === undefined) return;
    throw refused(
      `metadata [path=${join(this.path, name)}]: expected nothing there, got a file or folder, which may hold what was ` +
        'fetched into it; move it away, or give another folder with --to',
    );
  }

  async place(draft: string, name: string): Promise<void> {
    await this.checkNothing(name);
    await rename(draft, `${this.#held.path}/${name}`);
    await syncFolder(this.#held.path);
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#held.path)) {
      if (!DRAFT.test(name)) continue;
      const info = await lstatIfThere(`${this.#held.path}/${name}`);
      if (info !== undefined && Date.now() - Number(info.mtimeMs) > HOUR)
        await removeTree(`${this.#held.path}/${name}`);
    }
  }
}

function refuseUnwritable(path: string, error: unknown): never {
  const code = errorCode(error) ?? '';
  if (!['EROFS', 'EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'ENOSPC', 'EDQUOT'].includes(code)) throw error;
  throw refused(
    `metadata [folder=${path}]: expected a folder that can be written to, got ${code}; give another one with --to`,
  );
}

/** Names of ours alone: a list, a card, a bag. */
const DRAFT =
  /^(manifest|croissant|ro-crate|README|DATASET_CARD|CITATION|ffhq-bag)[\w.-]*\.[0-9a-f]{12}\.new$/;

function draftName(name: string): string {
  return `${name}.${randomBytes(6).toString('hex')}.new`;
}
