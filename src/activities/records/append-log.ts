import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { GrowingLog } from './growing-log.ts';

/** Lines that come within this time are one write: a thumbnail takes 2 ms, opening a file three system calls. */
const GATHER_MS = 20;

interface Gathered {
  readonly lines: string[];
  readonly written: Promise<void>;
  /** Some of the lines must be on the disk, not only on their way. */
  sync: boolean;
}

/**
 * Folders of append-only JSON Lines, one file per writing process, so that hosts on shared storage never write to the
 * same file. Readers merge them all; a torn last line (power loss, full disk) is ignored.
 */
export class AppendLog<Line> {
  readonly #writer: string;
  /** Lines that wait for the write before theirs to end; by folder. */
  readonly #gathering = new Map<string, Gathered>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(writer: string) {
    this.#writer = writer;
  }

  /**
   * Resolves when the lines are in the file, and with `sync` when a power cut cannot take them away any more. Lines that
   * come while a write goes on share the next one.
   */
  async append(
    folder: string,
    lines: readonly Line[],
    { sync = false }: { readonly sync?: boolean } = {},
  ): Promise<void> {
    if (lines.length === 0) return;
    const gathered = this.#gathering.get(folder) ?? this.#gather(folder);
    for (const line of lines) gathered.lines.push(JSON.stringify(line));
    gathered.sync ||= sync;
    return gathered.written;
  }

  #gather(folder: string): Gathered {
    const lines: string[] = [];
    const before = this.#last.get(folder) ?? Promise.resolve();
    const written = before
      // Whoever waited for the write before has heard of its failure.
      .catch(() => {})
      .then(() => delay(GATHER_MS))
      .then(() => {
        this.#gathering.delete(folder);
        return this.#write(folder, lines, gathered.sync);
      });
    const gathered: Gathered = { lines, written, sync: false };
    this.#gathering.set(folder, gathered);
    this.#last.set(folder, written);
    const forget = () => {
      if (this.#last.get(folder) === written) this.#last.delete(folder);
    };
    written.then(forget, forget);
    return gathered;
  }

  /** The line break comes first, so that whatever a full disk left of an earlier line is closed off. */
  async #write(folder: string, lines: readonly string[], sync: boolean): Promise<void> {
    const path = join(folder, `${this.#writer}.jsonl`);
    let handle: Awaited<ReturnType<typeof open>>;
    try {
      handle = await open(path, 'a');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await mkdir(folder, { recursive: true });
      handle = await open(path, 'a');
    }
    try {
      await handle.writeFile(`\n${lines.join('\n')}\n`);
      if (sync) await handle.sync();
    } finally {
      await handle.close();
    }
    if (sync) await syncFolder(folder);
  }
}

/** Every line of every writer that parses and passes the guard. */
export async function readLog<Line>(
  folder: string,
  isLine: (value: unknown) => value is Line,
): Promise<Line[]> {
  return [...(await new GrowingLog(folder, isLine).read()).values()].flat();
}

/** Makes a new name in a folder last through a power cut. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
