import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { atFile, inFolderAt } from '../folders/held-folder.ts';
import { openToAppend } from '../folders/real-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';

/** Lines that come within this time are one write: a thumbnail takes 2 ms, opening a file three system calls. */
const GATHER_MS = 20;

/** Lines that wait for the write before theirs to end. */
interface Gathered<Line> {
  readonly lines: Line[];
  readonly written: Promise<void>;
  sync: boolean;
}

/**
 * Folders of append-only JSON Lines, one file per writing process, so that hosts on shared storage never write to the
 * same file. Readers merge them all; a torn last line (power loss, full disk) is ignored.
 */
export class AppendLog<Line> {
  readonly #writer: string;
  readonly #writingIn: (folder: string) => Promise<(line: Line) => string>;
  /** By folder. */
  readonly #gathering = new Map<string, Gathered<Line>>();
  readonly #last = new Map<string, Promise<void>>();
  /** Files whose names are known to outlive a power failure. */
  readonly #named = new Set<string>();

  /** @param writingIn how lines are written in a folder: what stands in the file for one */
  constructor(
    writer: string,
    writingIn: (folder: string) => Promise<(line: Line) => string> = async () => (line) =>
      JSON.stringify(line),
  ) {
    this.#writer = writer;
    this.#writingIn = writingIn;
  }

  /**
   * Resolves when the lines are in the file. Lines that come while a write goes on share the next one. With `sync` they
   * outlive a power failure then, for what must not happen before.
   */
  async append(
    folder: string,
    lines: readonly Line[],
    { sync = false }: { readonly sync?: boolean } = {},
  ): Promise<void> {
    if (lines.length === 0) return;
    const gathered = this.#gathering.get(folder) ?? this.#gather(folder);
    for (const line of lines) gathered.lines.push(line);
    if (sync) gathered.sync = true;
    return gathered.written;
  }

  #gather(folder: string): Gathered<Line> {
    const before = this.#last.get(folder) ?? Promise.resolve();
    const written = before
      // Whoever waited for the write before has heard of its failure.
      .catch(() => {})
      .then(() => delay(GATHER_MS))
      .then(() => {
        this.#gathering.delete(folder);
        return this.#write(folder, gathered);
      });
    const gathered: Gathered<Line> = { lines: [], written, sync: false };
    this.#gathering.set(folder, gathered);
    this.#last.set(folder, written);
    const forget = () => {
      if (this.#last.get(folder) === written) this.#last.delete(folder);
    };
    written.then(forget, forget);
    return gathered;
  }

  /** The line break comes first, so that whatever a full disk left of an earlier line is closed off. */
  async #write(folder: string, { lines, sync }: Gathered<Line>): Promise<void> {
    const textOf = await this.#writingIn(folder);
    const path = join(folder, `${this.#writer}.jsonl`);
    const handle = await atFile(path, openToAppend, 'made');
    let isNew = false;
    try {
      // Whoever merged what was noted long ago has removed the file: its name is to last anew.
      if (sync) isNew = (await handle.stat()).size === 0;
      await handle.writeFile(`\n${lines.map(textOf).join('\n')}\n`);
      if (sync) await handle.datasync();
    } finally {
      await handle.close();
    }
    if (!sync || (this.#named.has(path) && !isNew)) return;
    // Its own name, and those of the folders that were made for it: `<kind>/<group>`.
    for (const made of [folder, dirname(folder), dirname(dirname(folder))])
      await inFolderAt(made, syncFolder);
    this.#named.add(path);
  }
}
