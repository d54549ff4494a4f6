import {
  type CardFacts,
  type FileFacts,
  type PictureFacts,
  versionOf,
} from '../../../domain/cards/card-facts.ts';
import { MANIFEST_FILE, NO_FOLDER } from '../../../domain/dataset/layout.ts';
import { folderName } from '../../../domain/dataset/plain-path.ts';
import { officialManifest } from '../../../domain/dataset/reference-files.ts';
import { type FileKind, imageKinds, isShardKind } from '../../../domain/kinds.ts';
import type { LicenseWord } from '../../../domain/selection/licenses.ts';
import { readLedger } from '../../exclusion/ledger-file.ts';
import type { Seal } from '../../records/seal.ts';
import type { CardsRequest, CardTools } from './cards-request.ts';
import { FileHashes } from './file-hashes.ts';
import { type KnownFile, KnownFiles, type WantedFile } from './known-files.ts';
import type { PresentRecord } from './wanted-files.ts';

type Vouched = KnownFile & { readonly record: NonNullable<KnownFile['record']> };

/** Counts what is met, and looks after digests. */
export class FolderTally {
  readonly known: KnownFiles;
  /** Folders of aligned pictures, of a folder that is described as a whole. */
  readonly aligned: readonly string[];
  readonly #request: CardsRequest;
  readonly #hashes: FileHashes;
  readonly #pictures = new Map<string, { -readonly [Key in keyof PictureFacts]: PictureFacts[Key] }>();
  readonly #others: FileFacts[] = [];
  readonly #categories = { training: 0, validation: 0, other: 0 };
  readonly #licenses: Record<LicenseWord | 'other', number> = {
    ...{ by: 0, 'by-nc': 0, pdm: 0, cc0: 0, 'us-gov': 0, other: 0 },
  };
  readonly #damaged: string[] = [];
  #manifest: { readonly md5: string; readonly sha256: string; readonly bytes: number } | undefined;
  readonly #seal: Seal;
  #records = 0;
  #removed = 0;
  #there = 0;
  #verified = 0;
  #damagedFiles = 0;

  constructor(request: CardsRequest, tools: CardTools) {
    const { out, card, isWhole } = request;
    this.#request = request;
    this.#seal = tools.seal;
    this.known = new KnownFiles(out, tools.verified, tools.looks, tools.signal);
    this.#hashes = new FileHashes(out, tools.verified, tools);
    const isAll = imageKinds.every((kind) => request.kinds.includes(kind));
    this.aligned = isWhole || isAll ? (card?.aligned ?? []).map(({ folder }) => folder) : [];
  }

  /** The digests of what the records come from. */
  async manifest(): Promise<{ readonly md5: string; readonly sha256: string; readonly bytes: number }> {
    this.#removed = (await readLedger(this.#request.out, this.#seal)).removed.length;
    const wanted: WantedFile = { kind: 'json', group: NO_FOLDER, path: MANIFEST_FILE };
    const [known] = await this.known.of([wanted]);
    if (known?.record !== undefined && known.sha256 !== undefined) {
      this.#manifest = { md5: known.record.md5, sha256: known.sha256, bytes: known.seen.size };
      return this.#manifest;
    }
    const { md5, sha256, size } = await this.#hashes.sum(MANIFEST_FILE);
    this.#manifest = { md5, sha256, bytes: size };
    return this.#manifest;
  }

  count({ category, licenseWord }: PresentRecord): void {
    this.#records += 1;
    this.#categories[category === 'training' || category === 'validation' ? category : 'other'] += 1;
    this.#licenses[licenseWord ?? 'other'] += 1;
  }

  /** Those that are right as far as is known, with their digests. */
  async add(
    files: readonly KnownFile[],
    withSha256: boolean,
  ): Promise<readonly (Vouched & { readonly sha256: string | undefined })[]> {
    const vouched = files.filter((file): file is Vouched => file.record !== undefined);
    const hashed = withSha256 ? await this.#hashes.of(vouched) : undefined;
    const right: Vouched[] = [];
    for (const [nth, file] of vouched.entries()) {
      const one = hashed?.[nth];
      if (one === 'damaged') {
        this.#damagedFiles += 1;
        if (this.#damaged.length < 10) this.#damaged.push(file.path);
      } else if (one !== 'changed') right.push(one === undefined ? file : { ...file, sha256: one.sha256 });
    }
    const isRight = new Set(right.map(({ path }) => path));
    for (const file of files) this.#note(file, isRight.has(file.path));
    for (const file of right) this.#list(file);
    return right;
  }

  #note({ kind, path, seen }: KnownFile, isRight: boolean): void {
    this.#there += 1;
    if (isRight) this.#verified += 1;
    if (!isShardKind(kind)) return;
    const folder = folderName(folderName(path));
    const facts = this.#pictures.get(folder) ?? { kind, folder, files: 0, bytes: 0, verified: 0 };
    facts.files += 1;
    facts.bytes += seen.size;
    if (isRight) facts.verified += 1;
    this.#pictures.set(folder, facts);
  }

  #list({ kind, path, seen, record, sha256 }: Vouched): void {
    const what = otherWords[kind];
    if (what === undefined) return;
    const digest = sha256 === undefined ? { md5: record.md5 } : { sha256 };
    this.#others.push({ path, ...what, bytes: seen.size, ...digest });
  }

  facts(lists: readonly FileFacts[]): CardFacts {
    const { isWhole, made, program, card } = this.#request;
    if (this.#manifest === undefined) throw new Error('unreachable: the manifest comes first');
    const { md5 } = this.#manifest;
    const isLessThanOfficial = this.#removed > 0 && card?.request.manifest.name === 'official';
    const isOfficial = md5 === officialManifest.md5 || isLessThanOfficial;
    return {
      ...{ manifest: { ...this.#manifest, isOfficial }, records: this.#records, isWhole },
      ...{ version: versionOf(isOfficial, this.#removed), removed: this.#removed, made, program },
      ...{ categories: this.#categories, licenses: this.#licenses },
      pictures: [...this.#pictures.values()],
      files: [...this.#others, ...lists],
    };
  }

  sums() {
    return {
      there: this.#there,
      verified: this.#verified,
      unverified: this.#there - this.#verified - this.#damagedFiles,
      damaged: this.#damagedFiles,
      damagedPaths: this.#damaged,
      isForgotten: this.#hashes.isForgotten,
    };
  }
}

const otherWords: Readonly<Partial<Record<FileKind, Pick<FileFacts, 'what' | 'encoding'>>>> = {
  licenses: { what: 'The licence of the dataset', encoding: 'text/plain' },
  tfrecords: { what: 'The faces in one resolution, as TFRecords', encoding: 'application/octet-stream' },
  zips: { what: 'A whole folder as the makers archived it', encoding: 'application/zip' },
};
