import { readFile } from 'node:fs/promises';
import type { AlignSpec } from '../../domain/align/align-spec.ts';
import type { ImageId } from '../../domain/dataset/ids.ts';
import type { ImageSpec } from '../../domain/dataset/manifest.ts';

/** Files of JSON lines that this program wrote and that many bundles read: the last few stay in memory, keyed by id. */
export class LineCache<Id, Line> {
  readonly #capacity: number;
  readonly #idOf: (line: Line) => Id;
  readonly #slices = new Map<string, Promise<ReadonlyMap<Id, Line>>>();

  constructor(capacity: number, idOf: (line: Line) => Id) {
    this.#capacity = capacity;
    this.#idOf = idOf;
  }

  async read(path: string): Promise<ReadonlyMap<Id, Line>> {
    let slice = this.#slices.get(path);
    if (slice === undefined) {
      slice = this.#parse(path);
      slice.catch(() => this.#slices.delete(path));
    }
    this.#slices.delete(path);
    this.#slices.set(path, slice);
    for (const oldest of this.#slices.keys()) {
      if (this.#slices.size <= this.#capacity) break;
      this.#slices.delete(oldest);
    }
    return slice;
  }

  async #parse(path: string): Promise<ReadonlyMap<Id, Line>> {
    const slice = new Map<Id, Line>();
    for (const text of (await readFile(path, 'utf8')).split('\n')) {
      if (text === '') continue;
      const line = JSON.parse(text) as Line;
      slice.set(this.#idOf(line), line);
    }
    return slice;
  }
}

/** Of the manifest's slices, and of where every face lies; one each per process. */
export interface ManifestCaches {
  readonly slices: LineCache<ImageId, ImageSpec>;
  readonly crops: LineCache<ImageId, AlignSpec>;
}

export function makeManifestCaches(): ManifestCaches {
  return {
    slices: new LineCache(8, ({ key }) => Number(key) as ImageId),
    crops: new LineCache(4, ({ id }) => id),
  };
}
