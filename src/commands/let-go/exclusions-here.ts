import { join } from 'node:path';
import { addExclusions, readExclusions } from '../../activities/exclusion/exclusions.ts';
import { readLedger } from '../../activities/exclusion/ledger-file.ts';
import { eachManifestRecord } from '../../activities/manifest/manifest-records.ts';
import { Seal } from '../../activities/records/seal.ts';
import { lstatIfThere, md5OfFile } from '../../activities/store/file-info.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { officialManifest } from '../../domain/dataset/reference-files.ts';
import { Excluder } from '../../domain/exclusion/excluder.ts';
import type { ExclusionEntry, ExclusionList } from '../../domain/exclusion/exclusion-list.ts';
import { isRemoved } from '../../domain/exclusion/tombstone.ts';
import { factsOf } from '../../domain/selection/record-facts.ts';
import { formatCount } from '../../domain/words/format.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { CommandContext } from '../context/context.ts';

/** A dataset folder's list of what is let go, as a command sees it. */
export class ExclusionsHere {
  readonly #out: string;
  readonly #seal: Seal;
  readonly #interrupt: AbortSignal;

  private constructor(out: string, seal: Seal, interrupt: AbortSignal) {
    this.#out = out;
    this.#seal = seal;
    this.#interrupt = interrupt;
  }

  static async of(out: string, { config, interrupt }: CommandContext): Promise<ExclusionsHere> {
    return new ExclusionsHere(out, new Seal(await readSigningKey(config.keyFile)), interrupt);
  }

  read(): Promise<ExclusionList> {
    return readExclusions(this.#out, this.#seal);
  }

  /** @param over also over a list of another key */
  add(entries: readonly ExclusionEntry[], { over }: { readonly over: boolean }) {
    return addExclusions(this.#out, this.#seal, entries, { over });
  }

  /** Of the manifest whose records ids are meant for: the folder's own, or the official one that it will have. */
  async manifestMd5(): Promise<Md5> {
    return (await this.#manifest())?.md5 ?? officialManifest.md5;
  }

  /** How many of the folder's records a list lets go; undefined where no manifest lies there. */
  async count(list: ExclusionList): Promise<number | undefined> {
    const manifest = await this.#manifest();
    if (manifest === undefined) return undefined;
    const excluder = new Excluder(list, manifest.md5);
    let records = 0;
    await eachManifestRecord(manifest.path, this.#interrupt, undefined, async (key, value) => {
      if (isRemoved(value) || excluder.excludes(factsOf(key, value))) records++;
    });
    return records;
  }

  async #manifest(): Promise<{ readonly path: string; readonly md5: Md5 } | undefined> {
    const path = join(this.#out, MANIFEST_FILE);
    if (!(await lstatIfThere(path))?.isFile()) return undefined;
    const ledger = await readLedger(this.#out, this.#seal);
    return { path, md5: ledger.publishedOf(await md5OfFile(path, this.#interrupt, () => {})) };
  }
}

/** What a list comes to, in lines for people. */
export function exclusionLines(list: ExclusionList, records: number | undefined): string[] {
  const who =
    records === undefined ? 'no manifest is here yet' : `${formatCount(records)} records are let go`;
  return [
    `exclusion list: version ${list.version}, ${formatCount(list.entries.length)} entries, ${who}`,
    `digest ${list.digest}`,
  ];
}
