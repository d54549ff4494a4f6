import { type FileHandle, readdir } from 'node:fs/promises';
import { fileFault } from '../../domain/failure/file-system-fault.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { inFolderAt } from '../folders/held-folder.ts';
import { isMisleading, openToRead } from '../folders/real-file.ts';

/** What was read of one writer's file. */
interface ReadFile<Line> {
  readonly inode: bigint;
  /** Up to the last line break: what comes behind it may be half a line. */
  bytes: number;
  readonly lines: Line[];
  /** It holds what is not to be believed, or not understood, and may yet tell somebody else. */
  holdsOthers: boolean;
}

/** Read at a time. Lines have some hundred bytes. */
const PIECE_BYTES = 4 * 1024 ** 2;

/** Of one writer's file; a thousand times what a folder's records come to. What lies behind is as if it were not there. */
const MOST_BYTES = 256 * 1024 ** 2;

/** Listings that come to nothing because a file was merged into another one in between; each is a moment apart. */
const MOST_LISTINGS = 5;

/**
 * A folder of append-only JSON Lines (`append-log.ts`) that is read again and again: only what was added since is read.
 * Lines that do not parse or do not pass the guard (power loss, full disk) are passed over.
 */
export class GrowingLog<Line> {
  readonly #folder: string;
  readonly #isLine: (value: unknown) => value is Line;
  readonly #open: (text: string) => string | undefined;
  readonly #files = new Map<string, ReadFile<Line>>();
  #generation = 0;
  #reading: Promise<unknown> = Promise.resolve();
  /** Begins when the one that goes on has ended: whoever asks until then shares it. */
  #next: Promise<ReadonlyMap<string, readonly Line[]>> | undefined;

  /** @param open what a line of the file says; undefined: nothing that is to be believed */
  constructor(
    folder: string,
    isLine: (value: unknown) => value is Line,
    open: (text: string) => string | undefined = (text) => text,
  ) {
    this.#folder = folder;
    this.#isLine = isLine;
    this.#open = open;
  }

  /** Rises whenever a read met something new. */
  get generation(): number {
    return this.#generation;
  }

  /** Is every line of a file that was read one of ours? What only others can read is theirs to keep. */
  holdsOnlyOurs(name: string): boolean {
    return this.#files.get(name)?.holdsOthers === false;
  }

  /** Every line of every writer that was there when this was called, by file name. */
  read(): Promise<ReadonlyMap<string, readonly Line[]>> {
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#read();
      });
    this.#reading = this.#next;
    return this.#next;
  }

  async #read(): Promise<ReadonlyMap<string, readonly Line[]>> {
    try {
      return await inFolderAt(this.#folder, (folder) => this.#readIn(folder));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      this.#forgetOthers([]);
      return new Map();
    }
  }

  async #readIn(folder: string): Promise<ReadonlyMap<string, readonly Line[]>> {
    for (let listing = 1; ; listing++) {
      const byName = new Map<string, readonly Line[]>();
      const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
      this.#forgetOthers(names);
      let isWhole = true;
      for (const name of names) {
        const lines = await this.#readFile(folder, name);
        if (lines === 'gone') isWhole = false;
        else if (lines !== 'unreadable') byName.set(name, lines);
      }
      // A file that went away was merged into one that this listing may have missed.
      if (isWhole || listing === MOST_LISTINGS) return byName;
    }
  }

  #forgetOthers(names: readonly string[]): void {
    const there = new Set(names);
    for (const name of this.#files.keys()) {
      if (there.has(name)) continue;
      this.#files.delete(name);
      this.#generation++;
    }
  }

  /** Unreadable: what lies on a bad sector is as good as never noted, and its files are looked at again. */
  async #readFile(folder: string, name: string): Promise<readonly Line[] | 'gone' | 'unreadable'> {
    let handle: FileHandle;
    try {
      handle = await openToRead(`${folder}/${name}`);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'gone';
      // No log of ours: it says nothing.
      if (isMisleading(error)) return [];
      throw error;
    }
    try {
      const { size, ino } = await handle.stat({ bigint: true });
      let known = this.#files.get(name);
      if (known === undefined || known.inode !== ino || size < known.bytes) {
        known = { inode: ino, bytes: 0, lines: [], holdsOthers: false };
        this.#files.set(name, known);
      }
      if (size > MOST_BYTES) known.holdsOthers = true;
      return await this.#readFrom(handle, known, Math.min(Number(size), MOST_BYTES));
    } catch (error) {
      if (fileFault(error) !== 'unreadable') throw error;
      return 'unreadable';
    } finally {
      await handle.close();
    }
  }

  /** Piece by piece: whoever wrote the file may have made it as long as the disk. */
  async #readFrom(handle: FileHandle, known: ReadFile<Line>, end: number): Promise<readonly Line[]> {
    if (known.bytes < end) this.#generation++;
    while (known.bytes < end) {
      const buffer = Buffer.allocUnsafe(Math.min(end - known.bytes, PIECE_BYTES));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, known.bytes);
      if (bytesRead === 0) break;
      const isLast = known.bytes + bytesRead >= end;
      const added = buffer.subarray(0, bytesRead);
      const whole = added.lastIndexOf(0x0a) + 1;
      for (const line of this.#parse(added.toString('utf8', 0, whole), known)) known.lines.push(line);
      // A line that does not end within a piece is none of ours.
      known.bytes += whole === 0 && !isLast ? bytesRead : whole;
      if (!isLast) continue;
      // Nobody may ever close it off, and it may be whole nevertheless.
      const last = this.#parse(added.toString('utf8', whole), known);
      return last.length === 0 ? known.lines : [...known.lines, ...last];
    }
    return known.lines;
  }

  #parse(text: string, file: ReadFile<Line>): Line[] {
    const lines: Line[] = [];
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const said = this.#open(line);
      if (said === undefined && file.holdsOthers) continue;
      const value = parsedJson(said ?? line);
      // Half a line says nothing to anybody.
      if (value === undefined) continue;
      if (said !== undefined && this.#isLine(value)) lines.push(value);
      else file.holdsOthers = true;
    }
    return lines;
  }
}
