import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import type { FileKind } from '../../domain/kinds.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import {
  compareRecords,
  isVerificationRecord,
  withoutOutdated,
} from '../../domain/verify/verification-record.ts';
import { atFile, pathIn } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { AppendLog } from './append-log.ts';
import { GrowingLog } from './growing-log.ts';
import type { Seal } from './seal.ts';
import { storeIdIn } from './store-id.ts';

/** What this project knows of a group's files, by path relative to OUT; of each file oldest first. */
export type VerifiedFiles = ReadonlyMap<string, readonly VerificationRecord[]>;

/** Groups that stay in memory, some hundred KB each: those of the open shards and a few more. */
const CAPACITY = 16;

/** Files of writers that are gone: from here on a group is worth writing anew. */
const MANY_FILES = 8;

/** Whoever noted nothing for so long is as good as gone: a container or a host of which nobody here can know. */
const QUIET_MS = 7 * 24 * 3_600_000;

interface Group {
  readonly log: GrowingLog<VerificationRecord>;
  generation: number;
  files: VerifiedFiles;
}

/** The verification records of dataset folders, `.ffhq/verified/<kind>/<group>/<writer>.jsonl`; one per worker process. */
export class VerifiedLog {
  readonly #writer: string;
  readonly #log: AppendLog<VerificationRecord>;
  readonly #seal: Seal;
  readonly #isGone: (writer: string) => boolean;
  readonly #groups = new Map<string, Group>();

  /**
   * @param seal what our own records are known by; those of others say nothing, and their files are looked at
   * @param isGone whether a writer is surely a process that runs no more
   */
  constructor(writer: string, seal: Seal, isGone: (writer: string) => boolean = () => false) {
    this.#writer = writer;
    this.#seal = seal;
    this.#log = new AppendLog(writer, async (folder) => {
      const purpose = await purposeOf(folder);
      return (record) => seal.close(purpose, JSON.stringify(record));
    });
    this.#isGone = isGone;
  }

  /** What every writer noted of a group's files until now. */
  async read(storePath: string, kind: FileKind, group: string): Promise<VerifiedFiles> {
    const known = await this.#groupOf(pathIn(storePath, statePaths.verified(kind, group)));
    const byName = await known.log.read();
    if (known.generation === known.log.generation) return known.files;
    known.generation = known.log.generation;
    known.files = filesOf(byName);
    return known.files;
  }

  /** Only after the file is synced. With `sync` the record is, too, when this resolves. */
  async append(
    storePath: string,
    kind: FileKind,
    group: string,
    record: VerificationRecord,
    options?: { readonly sync?: boolean },
  ): Promise<void> {
    await this.#log.append(pathIn(storePath, statePaths.verified(kind, group)), [record], options);
  }

  /**
   * Writes what still matters of the writers that are gone, or have long been quiet, into one file, so that years of runs and
   * looks do not pile up. A file that holds records of another key stays as it is: only that one could write them anew.
   * The new lines are on the disk before the old ones go: a power cut in between leaves some twice, which says the same.
   */
  async compact(storePath: string, kind: FileKind, group: string): Promise<void> {
    const folder = pathIn(storePath, statePaths.verified(kind, group));
    const { log } = await this.#groupOf(folder);
    const byName = await log.read();
    const gone: [string, readonly VerificationRecord[]][] = [];
    for (const [name, records] of byName) {
      const writer = name.slice(0, -'.jsonl'.length);
      if (writer === this.#writer || !log.holdsOnlyOurs(name)) continue;
      if (this.#isGone(writer) || (await atFile(join(folder, name), isQuiet))) gone.push([name, records]);
    }
    const lines = gone.reduce((sum, [, records]) => sum + records.length, 0);
    const kept = [...filesOf(new Map(gone)).values()].flatMap(withoutOutdated);
    if (gone.length < MANY_FILES && lines <= 2 * kept.length) return;
    await this.#log.append(folder, kept, { sync: true });
    for (const [name] of gone) await atFile(join(folder, name), removeFile);
  }

  async #groupOf(folder: string): Promise<Group> {
    const purpose = await purposeOf(folder);
    // Another folder may have come under the same path.
    const name = `${folder} ${purpose}`;
    const known = this.#groups.get(name) ?? {
      log: new GrowingLog(folder, isVerificationRecord, (line) => this.#seal.open(purpose, line)),
      generation: 0,
      files: new Map(),
    };
    this.#groups.delete(name);
    this.#groups.set(name, known);
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= CAPACITY) break;
      this.#groups.delete(oldest);
    }
    return known;
  }
}

/** Records of one group serve in no other, and those of one dataset folder in no other. */
async function purposeOf(folder: string): Promise<string> {
  const kind = dirname(folder);
  const storePath = dirname(dirname(dirname(kind)));
  return recordsPurpose(await storeIdIn(storePath), basename(kind), basename(folder));
}

/** What the records of a group are sealed for. */
export function recordsPurpose(storeId: string | undefined, kind: string, group: string): string {
  return `verified ${storeId ?? ''} ${kind}/${group}`;
}

/** If its writer does come back, it opens its file anew: no line is lost. */
async function isQuiet(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).mtimeMs < Date.now() - QUIET_MS;
  } catch (error) {
    // Another one has merged it.
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function filesOf(byName: ReadonlyMap<string, readonly VerificationRecord[]>): VerifiedFiles {
  const byFile = new Map<string, VerificationRecord[]>();
  for (const records of byName.values()) {
    for (const record of records) {
      const known = byFile.get(record.file);
      if (known) known.push(record);
      else byFile.set(record.file, [record]);
    }
  }
  for (const records of byFile.values()) if (records.length > 1) records.sort(compareRecords);
  return byFile;
}

/** One look at a group's records, for those who take only one. */
export async function readVerified(
  storePath: string,
  kind: FileKind,
  group: string,
  seal: Seal,
): Promise<VerifiedFiles> {
  return new VerifiedLog('', seal).read(storePath, kind, group);
}
