import type { CoarseClock } from '../disk/coarse-clock.ts';
import { Names } from '../disk/names.ts';
import { type Inode, isData, isName, type NameOperation, type Operation } from '../disk/operations.ts';
import { md5Of, type Tree, type TreeFile } from '../disk/tree.ts';
import type { History } from '../trace/file-operations.ts';

/** What a power cut took of the operations before it, by their numbers. */
export interface Loss {
  /** Never reached the disk. */
  readonly lost: ReadonlySet<number>;
  /** Writes of which only a part did: the first half, or the file's new size and no bytes of it. */
  readonly torn: ReadonlyMap<number, 'half' | 'zeros'>;
}

/** Lays out what the disk holds after a cut; what files contain is worked out once for each way to get there. */
export class CrashedDisks {
  readonly #history: History;
  readonly #clock: CoarseClock;
  readonly #start: Names;
  readonly #dataOf = new Map<Inode, number[]>();
  readonly #files = new Map<string, TreeFile>();

  constructor(history: History, clock: CoarseClock) {
    this.#history = history;
    this.#clock = clock;
    const names = new Names();
    for (const [inode, path] of history.inodes) {
      const { entry } = names.find(path) ?? {};
      if (entry) names.apply({ kind: history.before.get(path) ? 'create' : 'mkdir', at: entry, inode });
    }
    this.#start = names;
    for (const [number, operation] of history.operations.entries()) {
      if (!isData(operation)) continue;
      const known = this.#dataOf.get(operation.inode);
      if (known) known.push(number);
      else this.#dataOf.set(operation.inode, [number]);
    }
    // Every moment is known before the first text that names one is rewritten.
    for (const file of history.before.values()) if (file) this.#clock.of(file.mtime);
    for (const { mtime } of history.mtimes) this.#clock.of(mtime);
  }

  /** The disk when the cut came after so many operations. */
  after(cut: number, { lost, torn }: Loss): Tree {
    const names = this.#start.copy();
    for (let number = 0; number < cut; number++) {
      const operation = this.#history.operations[number] as Operation;
      // What lost its first name is a folder all the same where a later one leads to it.
      if (operation.kind === 'mkdir') names.addFolder(operation.inode);
      if (isName(operation) && !lost.has(number)) names.apply(operation as NameOperation);
    }
    const tree = new Map<string, TreeFile | undefined>();
    for (const [path, inode] of names.paths()) {
      tree.set(path, names.isFolder(inode) ? undefined : this.#file(inode, cut, { lost, torn }));
    }
    return tree;
  }

  #file(inode: Inode, cut: number, { lost, torn }: Loss): TreeFile {
    const all = (this.#dataOf.get(inode) ?? []).filter((number) => number < cut);
    const kept = all.filter((number) => !lost.has(number));
    const key = [inode, ...kept.map((number) => `${number}${torn.get(number) ?? ''}`)].join(' ');
    let file = this.#files.get(key);
    if (file === undefined) {
      file = this.#content(inode, kept, torn);
      this.#files.set(key, file);
    }
    return file;
  }

  #content(inode: Inode, kept: readonly number[], torn: Loss['torn']): TreeFile {
    const path = this.#history.inodes.get(inode);
    const before = path === undefined ? undefined : this.#history.before.get(path);
    let bytes = before?.bytes ?? Buffer.alloc(0);
    let isWhole = true;
    for (const number of kept) {
      const operation = this.#history.operations[number] as Operation;
      if (operation.kind === 'truncate') bytes = resized(bytes, operation.size);
      if (operation.kind !== 'write') continue;
      const how = torn.get(number);
      isWhole &&= how !== 'half';
      const { offset } = operation;
      const length = how === 'half' ? operation.bytes.length >> 1 : operation.bytes.length;
      const grown = resized(bytes, Math.max(bytes.length, offset + length));
      if (how === 'zeros') grown.fill(0, offset, offset + length);
      else operation.bytes.copy(grown, offset, 0, length);
      bytes = grown;
    }
    bytes = this.#clock.rewritten(bytes, path);
    return { bytes, md5: md5Of(bytes), mtime: this.#mtimeOf(inode, kept, isWhole, before) };
  }

  /** As it was seen when the file was like this; else a moment that no record names. */
  #mtimeOf(inode: Inode, kept: readonly number[], isWhole: boolean, before: TreeFile | undefined): bigint {
    const last = kept.at(-1);
    if (last === undefined && before) return this.#clock.of(before.mtime);
    const next = this.#dataOf.get(inode)?.find((number) => number > (last ?? -1));
    const seen = this.#history.mtimes.find(
      (look) =>
        look.inode === inode && look.after > (last ?? -1) && (next === undefined || look.after <= next),
    );
    if (seen && isWhole) return this.#clock.of(seen.mtime);
    const { time } = this.#history.operations[last ?? 0] as Operation;
    return this.#clock.of(BigInt(Math.round(time * 1e6)) * 1_000n + BigInt((last ?? 0) % 1_000));
  }
}

function resized(bytes: Buffer, size: number): Buffer {
  const copy = Buffer.alloc(size);
  bytes.copy(copy, 0, 0, Math.min(size, bytes.length));
  return copy;
}
