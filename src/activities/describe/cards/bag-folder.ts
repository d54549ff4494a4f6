import type { FileHandle } from 'node:fs/promises';
import { link, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BagFile, bagDeclaration, bagInfo, bagLine, fetchLine } from '../../../domain/cards/bag.ts';
import type { CardFacts } from '../../../domain/cards/card-facts.ts';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import { atFile, pathIn } from '../../folders/held-folder.ts';
import { openToRead } from '../../folders/real-file.ts';
import { removeFile } from '../../folders/remove-file.ts';
import { removeTree } from '../../folders/remove-tree.ts';
import { lstatIfThere } from '../../store/file-info.ts';
import { DigestedText } from './digested-text.ts';
import type { MadeFolder } from './made-folder.ts';

/** What a bag came to. */
export interface MadeBag {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that are left out because nothing says where they are to be had. */
  readonly unfetchable: number;
}

/**
 * A bag (BagIt 1.0), made beside its place. A holey one says where each file is to be had; another one holds the files, as
 * further names of those of the dataset folder where the disk allows that, as copies elsewhere.
 */
export class BagFolder {
  readonly #into: MadeFolder;
  readonly #name: string;
  readonly #draft: string;
  readonly #out: string;
  readonly #texts = new Map<string, DigestedText>();
  readonly #folders = new Set<string>();
  readonly #isHoley: boolean;
  #files = 0;
  #bytes = 0;
  #unfetchable = 0;
  #isPlaced = false;

  private constructor(into: MadeFolder, name: string, draft: string, out: string, isHoley: boolean) {
    this.#into = into;
    this.#name = name;
    this.#draft = draft;
    this.#out = out;
    this.#isHoley = isHoley;
  }

  static async begin(
    into: MadeFolder,
    name: string,
    options: { readonly out: string; readonly isHoley: boolean; readonly withSha256: boolean },
  ): Promise<BagFolder> {
    const { out, isHoley, withSha256 } = options;
    const bag = new BagFolder(into, name, await into.draftFolder(name), out, isHoley);
    await mkdir(`${bag.#draft}/data`);
    const lists = [
      'manifest-md5.txt',
      ...(withSha256 ? ['manifest-sha256.txt'] : []),
      ...(isHoley ? ['fetch.txt'] : []),
    ];
    for (const list of lists) bag.#texts.set(list, await DigestedText.begin(`${bag.#draft}/${list}`));
    return bag;
  }

  async add(file: BagFile): Promise<void> {
    if (this.#isHoley) {
      const line = fetchLine(file);
      if (line === undefined) {
        this.#unfetchable += 1;
        return;
      }
      await this.#texts.get('fetch.txt')?.write(line);
    } else if (!(await this.#bring(file))) return;
    await this.#texts.get('manifest-md5.txt')?.write(bagLine(file.md5, file.path));
    if (file.sha256 !== undefined)
      await this.#texts.get('manifest-sha256.txt')?.write(bagLine(file.sha256, file.path));
    this.#files += 1;
    this.#bytes += file.bytes;
  }

  async finish(facts: CardFacts): Promise<MadeBag> {
    const [files, bytes, isHoley] = [this.#files, this.#bytes, this.#isHoley];
    const tags: (readonly [name: string, md5: string, sha256: string])[] = [];
    const end = async (name: string, text: DigestedText) => {
      const { md5, sha256 } = await text.end();
      tags.push([name, md5, sha256]);
    };
    const whole = async (name: string, words: string) => {
      const text = await DigestedText.begin(`${this.#draft}/${name}`);
      await text.write(words);
      await end(name, text);
    };
    await whole('bagit.txt', bagDeclaration);
    await whole('bag-info.txt', bagInfo(facts, { files, bytes, isHoley }));
    const lists = [...this.#texts];
    this.#texts.clear();
    for (const [name, text] of lists) await end(name, text);
    const withSha256 = lists.some(([name]) => name === 'manifest-sha256.txt');
    const listed = [...tags];
    await whole('tagmanifest-md5.txt', listed.map(([name, md5]) => `${md5}  ${name}\n`).join(''));
    if (withSha256)
      await whole(
        'tagmanifest-sha256.txt',
        listed.map(([name, , sha256]) => `${sha256}  ${name}\n`).join(''),
      );
    await this.#into.place(this.#draft, this.#name);
    this.#isPlaced = true;
    return { name: this.#name, files, bytes, unfetchable: this.#unfetchable };
  }

  async discard(): Promise<void> {
    for (const text of this.#texts.values()) await text.close();
    this.#texts.clear();
    if (!this.#isPlaced) await removeTree(this.#draft);
  }

  /** False: the file was replaced or taken away meanwhile, or is in the bag already. */
  async #bring({ path, bytes }: BagFile): Promise<boolean> {
    const place = `${this.#draft}/data/${path}`;
    const folder = dirname(place);
    if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true });
    this.#folders.add(folder);
    return atFile(pathIn(this.#out, path), async (file) => {
      try {
        await link(file, place);
      } catch (error) {
        const code = errorCode(error) ?? '';
        if (code === 'EEXIST' || code === 'ENOENT') return false;
        if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
        await copyFile(file, place);
      }
      const info = await lstatIfThere(place);
      if (info?.isFile() === true && Number(info.size) === bytes) return true;
      await removeFile(place);
      return false;
    });
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  const source = await openToRead(from);
  let copy: FileHandle | undefined;
  try {
    copy = await open(to, 'wx');
    const piece = Buffer.allocUnsafe(1024 ** 2);
    for (;;) {
      const { bytesRead } = await source.read(piece, 0, piece.length);
      if (bytesRead === 0) break;
      await copy.writeFile(piece.subarray(0, bytesRead));
    }
    await copy.sync();
  } finally {
    await copy?.close();
    await source.close();
  }
}
