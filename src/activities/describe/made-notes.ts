import { join } from 'node:path';
import { parseMd5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { atFile } from '../folders/held-folder.ts';
import type { Seal } from '../records/seal.ts';
import { storeIdIn } from '../records/store-id.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';

/** More texts are not remembered: the oldest are then as if somebody else had written them. */
const MOST_REMEMBERED = 500;

/** What a dataset folder remembers of the texts that this program wrote about it: their MD5s, wherever they lie. */
export class MadeNotes {
  readonly #out: string;
  readonly #seal: Seal;

  constructor(out: string, seal: Seal) {
    this.#out = out;
    this.#seal = seal;
  }

  async written(): Promise<readonly string[]> {
    const text = await readSmallFile(join(this.#out, statePaths.madeFiles), MOST_REMEMBERED * 100);
    const said = text === undefined ? undefined : this.#seal.open(await this.#purpose(), text.trimEnd());
    const { written } = (parsedJson(said ?? '') ?? {}) as { readonly written?: unknown };
    return Array.isArray(written) ? written.filter((md5) => parseMd5(md5) !== undefined) : [];
  }

  /**
   * Before a text has its name: of one that is there then it is known whose it is.
   *
   * @returns false where the dataset folder takes no notes.
   */
  async add(md5: string): Promise<boolean> {
    const written = [...(await this.written()).filter((one) => one !== md5), md5].slice(-MOST_REMEMBERED);
    const text = this.#seal.close(await this.#purpose(), JSON.stringify({ version: 1, written }));
    try {
      const path = join(this.#out, statePaths.madeFiles);
      await atFile(path, async () => {}, 'made');
      await writeFileAtomically(path, `${text}\n`);
      return true;
    } catch (error) {
      if (!['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
      return false;
    }
  }

  async #purpose(): Promise<string> {
    return `made ${(await storeIdIn(this.#out)) ?? ''}`;
  }
}
