import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../domain/failure/store-failure.ts';

/** The file of a finished folder that says what is in it; written last, so a folder with one is whole. */
export const SUMMARY_FILE = 'summary.json';

/** A folder of files that comes under its final name as a whole; nothing counts before {@link finish}. */
export class NewFolder {
  readonly #temporary: string;

  /** `temporary`: where it lies until then, on the same file system. */
  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /** Writes a file of lines; `name` may be in a folder below. */
  async writeLines(name: string, lines: readonly string[]): Promise<void> {
    const path = join(this.#temporary, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${lines.join('\n')}\n`);
  }

  /** Takes the place of whatever lies at `final`: a folder of an older form, or what a power failure left. */
  async finish(final: string, summary: object): Promise<void> {
    await mkdir(this.#temporary, { recursive: true });
    await writeFile(join(this.#temporary, SUMMARY_FILE), JSON.stringify(summary));
    await rm(final, { recursive: true, force: true });
    try {
      await rename(this.#temporary, final);
    } catch (error) {
      // Two that make the same folder at the same time make the same files.
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
  }
}
