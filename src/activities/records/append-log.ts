import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';

/** Lines that come within this time are one write: a thumbnail takes 2 ms, opening a file three system calls. */
const GATHER_MS = 20;

/**
 * Folders of append-only JSON Lines, one file per writing process, so that hosts on shared storage never write to the
 * same file. Readers merge them all; a torn last line (power loss, full disk) is ignored.
 */
export class AppendLog<Line> {
  readonly #writer: string;
  /** Lines that wait for the write before theirs to end; by folder. */
  readonly #gathering = new Map<string, { readonly lines: string[]; readonly written: Promise<void> }>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(writer: string) {
    this.#writer = writer;
  }

  /** Resolves when the lines are in the file. Lines that come while a write goes on share the next one. */
  async append(folder: string, lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return;
    const gathered = this.#gathering.get(folder) ?? this.#gather(folder);
    for (const line of lines) gathered.lines.push(JSON.stringify(line));
    return gathered.written;
  }

  #gather(folder: string) {
    const lines: string[] = [];
    const before = this.#last.get(folder) ?? Promise.resolve();
    const written = before
      // Whoever waited for the write before has heard of its failure.
      .catch(() => {})
      .then(() => delay(GATHER_MS))
      .then(() => {
        this.#gathering.delete(folder);
        return this.#write(folder, lines);
      });
    const gathered = { lines, written };
    this.#gathering.set(folder, gathered);
    this.#last.set(folder, written);
    const forget = () => {
      if (this.#last.get(folder) === written) this.#last.delete(folder);
    };
    written.then(forget, forget);
    return gathered;
  }

  /** The line break comes first, so that whatever a full disk left of an earlier line is closed off. */
  async #write(folder: string, lines: readonly string[]): Promise<void> {
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
    } finally {
      await handle.close();
    }
  }
}

/** Every line of every writer that parses and passes the guard. */
export async function readLog<Line>(
  folder: string,
  isLine: (value: unknown) => value is Line,
): Promise<Line[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const lines: Line[] = [];
  for (const name of names.sort()) {
    if (!name.endsWith('.jsonl')) continue;
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      if (line === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        continue;
      }
      if (isLine(value)) lines.push(value);
    }
  }
  return lines;
}
