import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import type { ActivityScope } from '../activity.ts';
import { readSummary, type SliceSummary, sliceOf } from '../manifest/manifest-slices.ts';
import { type ManifestCaches, makeManifestCaches } from '../records/line-cache.ts';
import type { FileMaker } from '../settle/file-maker.ts';
import type { Source } from '../sources/contract/source.ts';
import { copiedFirst } from './copied-first.ts';

/*
 * A photograph with several faces is the original of several records, and each of them names a file of its own with the
 * same bytes. The first is fetched; the others are copied of it, and verified and noted like any file that was fetched. In
 * one worker process the second waits for the first, and those of one folder come in one bundle, so to one process; of two
 * processes that have records of different folders in hand at the same moment each may fetch it
 * (`docs/decisions/sources/shared-originals.md`).
 */

/** Paths by MD5, of contents that several records name under different paths. */
type Twins = ReadonlyMap<Md5, readonly string[]>;

/** The kind whose files repeat, of one manifest. */
export interface TwinsOf {
  /** Holds `<md5>/`. */
  readonly slices: string;
  readonly md5: Md5;
  readonly kind: 'wilds';
}

/** One reading per process and manifest: a few hundred milliseconds for 70,000 records. */
function twinsOf(caches: ManifestCaches, { slices, md5, kind }: TwinsOf): Promise<Twins> {
  return caches.twins.get(`${slices}\n${md5}`, async () => {
    const summary = await readSummary(slices, md5, caches.seal);
    return readTwins(makeManifestCaches(caches.seal), slices, summary, kind);
  });
}

async function readTwins(
  once: ManifestCaches,
  slices: string,
  summary: SliceSummary | undefined,
  kind: TwinsOf['kind'],
): Promise<Twins> {
  const first = new Map<Md5, string>();
  const twins = new Map<Md5, string[]>();
  if (summary === undefined) return twins;
  for (const { folder } of summary.kinds[kind].folders) {
    for (const { md5, path } of (await sliceOf(once, slices, summary.md5, kind, folder)).values()) {
      const other = first.get(md5);
      if (other === undefined) first.set(md5, path);
      else if (other !== path) twins.set(md5, [...(twins.get(md5) ?? [other]), path]);
    }
  }
  return twins;
}

/** Lets the files of a maker that downloads come of their twins, where those are there. */
export class TwinOriginals {
  readonly #scope: ActivityScope;
  readonly #of: TwinsOf;
  /** Whose twin turned out to be something else: it comes from the source then. */
  readonly #distrusted = new Set<Md5>();
  /** Paths of files whose last bytes came of a twin. */
  readonly #copied = new Set<string>();

  constructor(scope: ActivityScope, of: TwinsOf) {
    this.#scope = scope;
    this.#of = of;
  }

  /** Opens `open`'s source only once a file has no twin to be copied of. */
  source(open: () => Promise<Source>): () => Promise<Source> {
    const copies = { of: (spec: FileSpec) => this.#others(spec), copied: this.#copied };
    return copiedFirst(this.#scope.storePath, copies, open);
  }

  maker(inner: FileMaker<FileSpec>): FileMaker<FileSpec> {
    const make: FileMaker<FileSpec>['make'] = async (spec, folder, tools) => {
      const others = await this.#others(spec);
      if (others.length === 0 || spec.md5 === undefined) return inner.make(spec, folder, tools);
      const { md5 } = spec;
      return this.#scope.dependencies.turns.take(`${this.#scope.storePath}\n${md5}`, async () => {
        const made = await inner.make(spec, folder, tools);
        // What lay there may be damaged since: the bytes that came of it were not these.
        if (made.status !== 'failed' || !this.#copied.has(spec.path)) return made;
        this.#distrusted.add(md5);
        return inner.make(spec, folder, tools);
      });
    };
    return {
      vouching: (...given) => inner.vouching(...given),
      wanted: (...given) => inner.wanted(...given),
      make,
    };
  }

  async #others({ md5, path }: FileSpec): Promise<readonly string[]> {
    if (md5 === undefined || this.#distrusted.has(md5)) return [];
    const twins = await twinsOf(this.#scope.dependencies, this.#of);
    return (twins.get(md5) ?? []).filter((other) => other !== path);
  }
}
