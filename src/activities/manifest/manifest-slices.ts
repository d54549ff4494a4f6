import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { folderOf, MAX_IMAGE_ID } from '../../domain/dataset/ids.ts';
import { canonicalPath } from '../../domain/dataset/layout.ts';
import type { ImageSpec, ManifestRecord } from '../../domain/dataset/manifest.ts';
import { isAbsent, ManifestError } from '../../domain/dataset/manifest.ts';
import type { FileKind, ImageKind } from '../../domain/kinds.ts';
import { imageKinds, perImageKind } from '../../domain/kinds.ts';
import { pathIn } from '../folders/held-folder.ts';
import { type ManifestCaches, manifestLost, readLineFile, readLines } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import { type Mark, NewFolder, readSealedSummary } from './new-folder.ts';

/** Version of the slices' form; others are made anew. */
const SLICE_SCHEMA = 2;

export interface FolderSummary {
  readonly folder: Folder;
  readonly files: number;
  readonly bytes: number;
  /** Of the text of its file of lines. */
  readonly md5: Md5;
}

/** `summary.json` beside the slices; written last, so slices that are as it says are whole. */
export interface SliceSummary {
  readonly schema: number;
  readonly md5: Md5;
  readonly bytes: number;
  readonly records: number;
  /** Of them: let go, with no line in any slice; absent where none was. */
  readonly removed?: number;
  readonly kinds: Readonly<
    Record<ImageKind, { readonly folders: readonly FolderSummary[]; readonly absent?: string }>
  >;
  /** First place in the manifest of each host that it names. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** A slice's file, keyed by id. */
export type Slice = ReadonlyMap<ImageId, ImageSpec>;

/** More hosts than any dataset has; a hostile manifest ends here. */
const MAX_HOSTS = 1_000;

/** Writes the per-shard slices of a manifest, one thousand-folder at a time; nothing counts before `finish`. */
export class SliceWriter {
  readonly #root: string;
  readonly #seal: Seal;
  readonly #files: NewFolder;
  readonly #folders = perImageKind((): FolderSummary[] => []);
  readonly #absent: Partial<Record<ImageKind, string>> = {};
  readonly #hosts = new Map<string, string>();
  readonly #paths = new Map<string, string>();
  readonly #contents = new Map<FileKind, Float64Array>();
  readonly #lines = perImageKind((): string[] => []);
  readonly #bytes = perImageKind(() => 0);
  #folder: Folder | undefined;
  #lastId = -1;
  #records = 0;
  #removed = 0;

  /** `root`: the folder that shall hold `<md5>/`. */
  constructor(root: string, seal: Seal) {
    this.#root = root;
    this.#seal = seal;
    this.#files = new NewFolder(join(root, `new-${randomBytes(6).toString('hex')}`));
  }

  get records(): number {
    return this.#records;
  }

  async add(record: ManifestRecord): Promise<void> {
    if (record.id <= this.#lastId) {
      throw new ManifestError(
        `manifest [record ${record.id}]: expected keys to ascend, got ${record.id} after ${this.#lastId}`,
      );
    }
    this.#lastId = record.id;
    this.#records++;
    const folder = folderOf(record.id);
    if (folder !== this.#folder) await this.#closeFolder();
    this.#folder = folder;
    if (record.removed) {
      this.#removed++;
      return;
    }
    for (const kind of imageKinds) {
      const spec = record.specs[kind];
      if (isAbsent(spec)) {
        this.#absent[kind] ??= spec.absent;
        continue;
      }
      this.#noteHost(spec, record.id);
      this.#notePath(spec, record.id);
      this.#lines[kind].push(JSON.stringify(spec));
      this.#bytes[kind] += spec.size;
    }
  }

  /** Answers the summary; the slices are in place then. */
  async finish(md5: Md5, bytes: number): Promise<SliceSummary> {
    await this.#closeFolder();
    const summary: SliceSummary = {
      schema: SLICE_SCHEMA,
      md5,
      bytes,
      records: this.#records,
      ...(this.#removed === 0 ? {} : { removed: this.#removed }),
      kinds: perImageKind((name) => {
        const absent = this.#absent[name];
        return { folders: this.#folders[name], ...(absent === undefined ? {} : { absent }) };
      }),
      hosts: Object.fromEntries(this.#hosts),
    };
    await this.#files.finish(join(this.#root, md5), summary, markOf(md5, this.#seal));
    return summary;
  }

  async discard(): Promise<void> {
    await this.#files.discard();
  }

  async #closeFolder(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    for (const kind of imageKinds) {
      const lines = this.#lines[kind];
      if (lines.length === 0) continue;
      const md5 = await this.#files.writeLines(fileOf(kind, folder), lines);
      this.#folders[kind].push({ folder, files: lines.length, bytes: this.#bytes[kind], md5 });
      this.#lines[kind] = [];
      this.#bytes[kind] = 0;
    }
    this.#folder = undefined;
  }

  #noteHost(spec: ImageSpec, id: ImageId): void {
    const { origin } = new URL(spec.url);
    if (this.#hosts.has(origin)) return;
    if (this.#hosts.size >= MAX_HOSTS) {
      throw new ManifestError(`manifest [record ${id}]: expected at most ${MAX_HOSTS} hosts, got more`);
    }
    this.#hosts.set(origin, `record ${id}, field file_url of ${spec.path}`);
  }

  /** Two records may share a file, but not name different contents for it. */
  #notePath(spec: ImageSpec, id: ImageId): void {
    const contents = spec.md5.slice(0, 8);
    const known = this.#contentsOf(spec);
    if (known !== undefined && known !== contents) {
      throw new ManifestError(
        `manifest [record ${id}, file_path ${spec.path}]: expected MD5 ${known}... as in an earlier record, got ${spec.md5}`,
      );
    }
    const owner = ownerOf(spec);
    if (owner === undefined) this.#paths.set(spec.path, contents);
    else this.#canonical(spec.kind)[owner] = Number.parseInt(contents, 16) + 1;
  }

  /** First digits of the MD5 that an earlier record gave the same path. */
  #contentsOf(spec: ImageSpec): string | undefined {
    const owner = ownerOf(spec);
    if (owner === undefined) return this.#paths.get(spec.path);
    const known = this.#canonical(spec.kind)[owner];
    return known ? (known - 1).toString(16).padStart(8, '0') : undefined;
  }

  /** By id, where paths are FFHQ's own: 800 KB a kind, however many records there are. */
  #canonical(kind: FileKind): Float64Array {
    let table = this.#contents.get(kind);
    if (table === undefined) {
      table = new Float64Array(MAX_IMAGE_ID + 1);
      this.#contents.set(kind, table);
    }
    return table;
  }
}

/** The id whose file this path names in FFHQ's own layout; undefined for other paths. */
function ownerOf({ kind, path }: ImageSpec): ImageId | undefined {
  const id = Number(/\/([0-9]{5})\.png$/.exec(path)?.[1] ?? Number.NaN) as ImageId;
  return imageKinds.some((name) => name === kind && path === canonicalPath(name, id)) ? id : undefined;
}

/** The summary of finished slices, or undefined. `root`: the folder that holds `<md5>/`. */
export async function readSummary(root: string, md5: Md5, seal: Seal): Promise<SliceSummary | undefined> {
  const summary = (await readSealedSummary(pathIn(root, md5), markOf(md5, seal))) as SliceSummary | undefined;
  if (summary?.schema !== SLICE_SCHEMA || summary.md5 !== md5) return undefined;
  // One of a version that knew fewer kinds says nothing of the others; one that lacks a record was never whole.
  const isWhole = imageKinds.every((kind) => {
    const { folders, absent } = summary.kinds[kind] ?? { absent: undefined };
    if (folders === undefined) return false;
    const files = folders.reduce((sum, each) => sum + each.files, 0);
    return absent !== undefined || files + (summary.removed ?? 0) === summary.records;
  });
  return isWhole ? summary : undefined;
}

/** Throws `manifest-lost` where a slice is not as its summary says. */
export async function checkSlices(root: string, { md5, kinds }: SliceSummary): Promise<void> {
  for (const kind of imageKinds) {
    for (const expected of kinds[kind].folders)
      await readLineFile(pathIn(root, `${md5}/${fileOf(kind, expected.folder)}`), expected);
  }
}

/**
 * The slice of one thousand-folder; throws `manifest-lost` where it is not as it was written. `root`: the folder that
 * holds `<md5>/`: a store's, or a dry run's own.
 */
export function sliceOf(
  { slices, summaries, seal }: ManifestCaches,
  root: string,
  md5: Md5,
  kind: FileKind,
  folder: Folder,
): Promise<Slice> {
  const name = fileOf(kind, folder);
  const path = pathIn(root, `${md5}/${name}`);
  return slices.get(path, async () => {
    const table = await summaries.get(join(root, md5), async () => {
      const summary = await readSummary(root, md5, seal);
      if (summary === undefined) throw manifestLost(join(root, md5), 'slices without a summary');
      return new Map(
        imageKinds.flatMap((each) =>
          summary.kinds[each].folders.map((expected) => [fileOf(each, expected.folder), expected]),
        ),
      );
    });
    return readLines<ImageId, ImageSpec>(path, table.get(name), ({ key }) => Number(key) as ImageId).catch(
      (lost: unknown) => {
        // They were made anew, without what was let go.
        summaries.forget(join(root, md5));
        throw lost;
      },
    );
  });
}

function fileOf(kind: FileKind, folder: Folder): string {
  return `${kind}/${folder}.jsonl`;
}

function markOf(md5: Md5, seal: Seal): Mark {
  return { seal, purpose: `slices ${md5}` };
}
