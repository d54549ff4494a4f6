import { type Entry, type Inode, type NameOperation, ROOT } from './operations.ts';

/** Folders and the names in them, apart from what files contain. */
export class Names {
  readonly #folders: Map<Inode, Map<string, Inode>>;

  constructor(folders: ReadonlyMap<Inode, ReadonlyMap<string, Inode>> = new Map([[ROOT, new Map()]])) {
    this.#folders = new Map([...folders].map(([inode, entries]) => [inode, new Map(entries)]));
  }

  copy(): Names {
    return new Names(this.#folders);
  }

  isFolder(inode: Inode): boolean {
    return this.#folders.has(inode);
  }

  at({ folder, name }: Entry): Inode | undefined {
    return this.#folders.get(folder)?.get(name);
  }

  /** Where a path leads, and the entry that its last part is; undefined where a folder of it is not there. */
  find(path: string): { readonly entry: Entry | undefined; readonly inode: Inode | undefined } | undefined {
    let inode: Inode = ROOT;
    let entry: Entry | undefined;
    const parts = path.split('/').filter((part) => part !== '');
    for (const [nth, name] of parts.entries()) {
      entry = { folder: inode, name };
      const next = this.at(entry);
      if (next === undefined) return nth === parts.length - 1 ? { entry, inode: undefined } : undefined;
      inode = next;
    }
    return { entry, inode };
  }

  /** A folder that has no name yet, or none any more. */
  addFolder(inode: Inode): void {
    if (!this.#folders.has(inode)) this.#folders.set(inode, new Map());
  }

  /** An operation whose folder never came to be changes nothing that can be found. */
  apply(operation: NameOperation): void {
    const { kind, at, inode } = operation;
    if (kind === 'mkdir') this.addFolder(inode);
    const entries = this.#entries(at.folder);
    switch (kind) {
      case 'create':
      case 'mkdir':
      case 'link':
        entries.set(at.name, inode);
        return;
      case 'unlink':
      case 'rmdir':
        if (entries.get(at.name) === inode) entries.delete(at.name);
        return;
      case 'rename': {
        const from = this.#entries(operation.from.folder);
        if (from.get(operation.from.name) === inode) from.delete(operation.from.name);
        entries.set(at.name, inode);
        return;
      }
      default:
        kind satisfies never;
    }
  }

  /** Every path with what it leads to; folders before what is in them. */
  *paths(): Generator<readonly [path: string, inode: Inode]> {
    yield* this.#below(ROOT, '');
  }

  *#below(folder: Inode, prefix: string): Generator<readonly [path: string, inode: Inode]> {
    for (const [name, inode] of this.#folders.get(folder) ?? []) {
      yield [prefix + name, inode];
      if (this.isFolder(inode)) yield* this.#below(inode, `${prefix}${name}/`);
    }
  }

  /** A folder whose making was lost still gathers what is put into it; nothing leads there. */
  #entries(folder: Inode): Map<string, Inode> {
    let entries = this.#folders.get(folder);
    if (entries === undefined) {
      entries = new Map();
      this.#folders.set(folder, entries);
    }
    return entries;
  }
}
