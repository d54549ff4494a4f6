import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { type AlignSpec, alignedBytes } from '../../domain/align/align-spec.ts';
import type { Folder, ImageId } from '../../domain/dataset/ids.ts';
import { folderOf } from '../../domain/dataset/ids.ts';
import { pathIn } from '../folders/held-folder.ts';
import { type ManifestCaches, manifestLost, readLineFile, readLines } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import type { FolderSummary } from './manifest-slices.ts';
import { type Mark, NewFolder, readSealedSummary } from './new-folder.ts';

/** Version of the files' form; others are made anew. */
const CROPS_SCHEMA = 2;

/** What the crop files are; there only when they are whole. */
export interface CropSummary {
  readonly schema: number;
  readonly folders: readonly FolderSummary[];
}

/** Writes where every face lies, one file per thousand-folder; nothing counts before `finish`. */
export class CropWriter {
  readonly #final: string;
  readonly #seal: Seal;
  readonly #files: NewFolder;
  readonly #folders: FolderSummary[] = [];
  #folder: Folder | undefined;
  #lines: string[] = [];
  #bytes = 0;

  /** `final`: the folder that shall hold the files. */
  constructor(final: string, seal: Seal) {
    this.#final = final;
    this.#seal = seal;
    this.#files = new NewFolder(`${final}.${randomBytes(6).toString('hex')}.new`);
  }

  /** Ids must ascend. */
  async add(spec: AlignSpec): Promise<void> {
    const folder = folderOf(spec.id);
    if (folder !== this.#folder) await this.#closeFolder();
    this.#folder = folder;
    this.#lines.push(JSON.stringify(spec));
    this.#bytes += alignedBytes(spec);
  }

  async finish(): Promise<CropSummary> {
    await this.#closeFolder();
    const summary: CropSummary = { schema: CROPS_SCHEMA, folders: this.#folders };
    await this.#files.finish(this.#final, summary, markOf(this.#final, this.#seal));
    return summary;
  }

  async discard(): Promise<void> {
    await this.#files.discard();
  }

  async #closeFolder(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    const md5 = await this.#files.writeLines(fileOf(folder), this.#lines);
    this.#folders.push({ folder, files: this.#lines.length, bytes: this.#bytes, md5 });
    this.#lines = [];
    this.#bytes = 0;
    this.#folder = undefined;
  }
}

/** The summary of finished crop files, or undefined. */
export async function readCropSummary(root: string, seal: Seal): Promise<CropSummary | undefined> {
  const summary = (await readSealedSummary(root, markOf(root, seal))) as CropSummary | undefined;
  return summary?.schema === CROPS_SCHEMA ? summary : undefined;
}

/** Throws `manifest-lost` where a file is not as its summary says. */
export async function checkCrops(root: string, { folders }: CropSummary): Promise<void> {
  for (const expected of folders) await readLineFile(pathIn(root, fileOf(expected.folder)), expected);
}

/** The faces of one thousand-folder; throws `manifest-lost` where they are not as they were written. */
export function cropsOf(
  { crops, summaries, seal }: ManifestCaches,
  root: string,
  folder: Folder,
): Promise<ReadonlyMap<ImageId, AlignSpec>> {
  const path = pathIn(root, fileOf(folder));
  return crops.get(path, async () => {
    const table = await summaries.get(root, async () => {
      const summary = await readCropSummary(root, seal);
      if (summary === undefined) throw manifestLost(root, 'crops without a summary');
      return new Map(summary.folders.map((expected) => [fileOf(expected.folder), expected]));
    });
    return readLines<ImageId, AlignSpec>(path, table.get(fileOf(folder)), ({ id }) => id).catch(
      (lost: unknown) => {
        // They were made anew, without what was let go.
        summaries.forget(root);
        throw lost;
      },
    );
  });
}

function fileOf(folder: Folder): string {
  return `${folder}.jsonl`;
}

/** The folder is named by what its faces are cut by, and lies in the manifest's own. */
function markOf(root: string, seal: Seal): Mark {
  return { seal, purpose: `crops ${basename(dirname(root))}/${basename(root)}` };
}
