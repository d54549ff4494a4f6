import { lstat, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describedRecords } from '../../../../src/activities/describe/described-records.ts';
import { VerifiedLog } from '../../../../src/activities/records/verified-records.ts';
import { onDisk } from '../../../../src/activities/store/file-info.ts';
import { ensureStore } from '../../../../src/activities/store/store-identity.ts';
import { folderOf, type ImageId } from '../../../../src/domain/dataset/ids.ts';
import { makeTinyDataset, type TinyDatasetOptions } from '../../../../src/sample/make-tiny-dataset.ts';
import { giveInProcess } from '../../../support/in-process.ts';
import { makeTestKeyFile, testSeal } from '../../../support/test-key.ts';

/** A dataset folder whose files runs of the test's key have verified, and commands of that key. */
export class VouchedDataset {
  /** Holds {@link out}, and whatever else a test makes. */
  readonly folder: string;
  readonly out: string;
  readonly #key: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.out = join(folder, 'out');
    this.#key = makeTestKeyFile(join(folder, 'key'));
  }

  static async make(
    options: Omit<TinyDatasetOptions, 'folder'> = { ids: [0, 7, 1001], kinds: ['images', 'thumbs'] },
  ): Promise<VouchedDataset> {
    const made = new VouchedDataset(await mkdtemp(join(tmpdir(), 'ffhq-cards-')));
    await makeTinyDataset({ folder: made.out, ...options });
    await ensureStore(made.out);
    return made;
  }

  /** As a run notes what it has stored. */
  async vouch(isVouched: (id: ImageId) => boolean = () => true): Promise<void> {
    const log = new VerifiedLog('w1', testSeal);
    const appended: Promise<void>[] = [];
    for await (const { id, files } of describedRecords(this.out, new AbortController().signal)) {
      if (!isVouched(id)) continue;
      for (const { kind, path, md5, pixelMd5 } of files) {
        const there = onDisk(await lstat(join(this.out, path), { bigint: true }));
        appended.push(
          log.append(this.out, kind, folderOf(id), {
            ...{ file: path, ...there, md5, pixelMd5, how: 'stored', run: 'r', at: '', turn: 1 },
          }),
        );
      }
    }
    await Promise.all(appended);
  }

  /** `ffhq metadata` with these words. */
  async metadata(...words: string[]) {
    const env = {
      FFHQ_KEY_FILE: this.#key,
      XDG_STATE_HOME: join(this.folder, 'state'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
    };
    const given = await giveInProcess(['metadata', '--out', this.out, ...words, '--output', 'json'], {
      env,
      cwd: this.folder,
    });
    const events = given.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    return { ...given, events, said: events.find(({ event }) => event === 'metadata') };
  }

  read(name: string): Promise<string> {
    return readFile(join(this.out, name), 'utf8');
  }

  leave(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
