import { createHash, type Hash } from 'node:crypto';
import { alignedPath } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { type ImageKind, imageKinds, kinds } from '../../domain/kinds.ts';
import type { FolderContent, LicenseShare } from '../../domain/page/run-facts.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import { countRecord, emptyStats } from '../../domain/words/stats.ts';
import { EvenSample } from './even-sample.ts';
import { ListedFiles } from './listed-files.ts';

/** Licences that are counted one by one, of at most so many characters. */
const MOST_NAMES = 400;
const MOST_NAME = 80;

/** A picture of a person's face, by its path below the folder. */
export interface FacePath {
  readonly name: string;
  readonly path: string;
}

/** A record, and which of its files lie in the folder. */
type PresentRecord = DescribedRecord & { readonly present: readonly ImageKind[] };

/**
 * What lies in a dataset folder of the records that are given, and some of their faces, evenly over all. Undefined where
 * the manifest cannot be read.
 */
export async function folderContent(
  folder: string,
  records: AsyncIterable<PresentRecord>,
  mostFaces: number,
): Promise<
  { readonly content: Omit<FolderContent, 'excluded'>; readonly faces: readonly FacePath[] } | undefined
> {
  const listed = new ListedFiles(folder);
  const counts = new ContentCounts();
  const faces = new EvenSample<FacePath>(mostFaces);
  try {
    for await (const record of records) {
      counts.add(record);
      const face = mostFaces === 0 ? undefined : await faceOf(record, listed);
      if (face !== undefined) faces.add(face);
    }
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
  return { content: counts.result(), faces: faces.taken };
}

/** The thumbnail, else the aligned picture, the published one or our own. */
async function faceOf(
  { id, position, files, present }: PresentRecord,
  listed: ListedFiles,
): Promise<FacePath | undefined> {
  const name = String(id).padStart(5, '0');
  for (const kind of ['thumbs', 'images'] as const) {
    const file = present.includes(kind) ? files.find((one) => one.kind === kind) : undefined;
    if (file !== undefined) return { name, path: file.path };
  }
  const path = alignedPath(kinds.align.folder, position);
  return (await listed.has(path)) ? { name, path } : undefined;
}

class ContentCounts {
  #records = 0;
  #present = 0;
  readonly #licenses = new Map<string, LicenseShare>();
  readonly #stats = emptyStats();
  readonly #accounts = new Set<string>();
  readonly #kinds = new Map<ImageKind, { files: number; readonly hash: Hash }>();

  add(record: PresentRecord): void {
    const { present } = record;
    this.#records++;
    if (present.length === 0) return;
    this.#present++;
    countRecord(this.#stats, record);
    if (record.account !== '') this.#accounts.add(record.account.slice(0, MOST_NAME));
    this.#addLicense(record);
    for (const { kind, md5, path } of record.files) {
      if (!present.includes(kind)) continue;
      const known = this.#kinds.get(kind) ?? { files: 0, hash: createHash('sha256') };
      this.#kinds.set(kind, known);
      known.files++;
      known.hash.update(`${md5}  ${path}\n`);
    }
  }

  result(): Omit<FolderContent, 'excluded'> {
    return {
      records: this.#records,
      present: this.#present,
      kinds: imageKinds.flatMap((kind) => {
        const known = this.#kinds.get(kind);
        return known === undefined ? [] : [{ kind, files: known.files, sha256: known.hash.digest('hex') }];
      }),
      licenses: [...this.#licenses.values()].sort((one, other) => other.count - one.count),
      stats: this.#stats,
      accounts: this.#accounts.size,
    };
  }

  #addLicense({ license, licenseUrl }: DescribedRecord): void {
    const [name, url] = [license.slice(0, MOST_NAME) || 'not named', licenseUrl.slice(0, 200)];
    const key = JSON.stringify([name, url]);
    const known = this.#licenses.get(key);
    if (known === undefined && this.#licenses.size >= MOST_NAMES) return;
    this.#licenses.set(key, { name, url, count: (known?.count ?? 0) + 1 });
  }
}
