import { opendir } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { pathIn } from '../folders/held-folder.ts';

/** Folders whose names are kept at a time: records ascend, and their kinds have a folder each. */
const MOST_FOLDERS = 16;

/**
 * Which files lie in a dataset folder, by its listings: nobody opens or hashes them. Only regular files count; what is there
 * under a name was not necessarily verified.
 */
export class ListedFiles {
  readonly #root: string;
  readonly #listings = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** @param path below the folder, with slashes */
  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    let listing = this.#listings.get(folder);
    if (listing === undefined) {
      listing = namesOf(pathIn(this.#root, folder));
      this.#listings.set(folder, listing);
      const [oldest] = this.#listings.keys();
      if (this.#listings.size > MOST_FOLDERS && oldest !== undefined) this.#listings.delete(oldest);
    }
    return (await listing).has(path.slice(folder.length + 1));
  }
}

async function namesOf(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    for await (const entry of await opendir(folder, { bufferSize: 1024 }))
      if (entry.isFile()) names.add(entry.name);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return names;
}
