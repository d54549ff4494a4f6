import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type AlignSpec, alignedBytes } from '../../domain/align/align-spec.ts';
import type { Folder, ImageId } from '../../domain/dataset/ids.ts';
import { folderOf } from '../../domain/dataset/ids.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import { readJsonFile } from '../store/atomic-file.ts';
import type { FolderSummary } from './manifest-slices.ts';
import { NewFolder, SUMMARY_FILE } from './new-folder.ts';

/** Version of the files' form; others are made anew. */
const CROPS_SCHEMA = 1;

/** `summary.json` beside the crop files; there only when they are whole. */
export interface CropSummary {
  readonly schema: number;
  readonly folders: readonly FolderSummary[];
}

/** Writes where every face lies, one file per thousand-folder; nothing counts before `finish`. */
export class CropWriter {
  readonly #final: string;
  readonly #files: NewFolder;
  readonly #folders: FolderSummary[] = [];
  #folder: Folder | undefined;
  #lines: string[] = [];
  #bytes = 0;

  /** `final`: the folder that shall hold the files. */
  constructor(final: string) {
    this.#final = final;
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
    await this.#files.finish(this.#final, summary);
    return summary;
  }

  async discard(): Promise<void> {
    await this.#files.discard();
  }

  async #closeFolder(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    await this.#files.writeLines(`${folder}.jsonl`, this.#lines);
    this.#folders.push({ folder, files: this.#lines.length, bytes: this.#bytes });
    this.#lines = [];
    this.#bytes = 0;
    this.#folder = undefined;
  }
}

/** The summary of finished crop files, or undefined. */
export async function readCropSummary(root: string): Promise<CropSummary | undefined> {
  const content = await readJsonFile(join(root, SUMMARY_FILE));
  if (content === null || typeof content !== 'object') return undefined;
  return (content as CropSummary).schema === CROPS_SCHEMA ? (content as CropSummary) : undefined;
}

/** The faces of one thousand-folder. */
export function cropsOf(
  cache: ManifestCaches['crops'],
  root: string,
  folder: Folder,
): Promise<ReadonlyMap<ImageId, AlignSpec>> {
  return cache.read(join(root, `${folder}.jsonl`));
}
