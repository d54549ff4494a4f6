import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { FileKind } from '../../../domain/kinds.ts';
import {
  findVouchingRecord,
  knownOf,
  nextTurn,
  type SeenRecord,
  sha256Known,
} from '../../../domain/verify/verification-record.ts';
import { pathIn } from '../../folders/held-folder.ts';
import type { VerifiedFiles, VerifiedLog } from '../../records/verified-records.ts';
import type { ManyLooks, Seen } from '../../store/file-info.ts';

/** A file that may lie in the dataset folder. */
export interface WantedFile {
  readonly kind: FileKind;
  /** Of its verification records. */
  readonly group: string;
  /** Below the folder. */
  readonly path: string;
  /** What it must be; undefined: nobody published that, and what a run noted counts. */
  readonly spec?: FileSpec;
}

/** A file that lies there, and what this project knows of it. */
export interface KnownFile extends WantedFile {
  readonly seen: Seen;
  /** That it was verified, and is as it was then. */
  readonly record: SeenRecord | undefined;
  readonly sha256: string | undefined;
  /** Of its next record. */
  readonly turn: number;
}

/** What is known of many files by looks and records alone: nobody opens them. */
export class KnownFiles {
  readonly #root: string;
  readonly #verified: VerifiedLog;
  readonly #looks: ManyLooks;
  readonly #signal: AbortSignal;

  constructor(root: string, verified: VerifiedLog, looks: ManyLooks, signal: AbortSignal) {
    this.#root = root;
    this.#verified = verified;
    this.#looks = looks;
    this.#signal = signal;
  }

  /** Those that are regular files, in the order in which they are wanted. */
  async of(wanted: readonly WantedFile[]): Promise<readonly KnownFile[]> {
    const paths = wanted.map(({ path }) => pathIn(this.#root, path));
    const looks = await this.#looks.look(paths, this.#signal);
    const known: KnownFile[] = [];
    // A look at a group's records is a listing of their folder.
    const groups = new Map<string, VerifiedFiles>();
    const recordsOf = async ({ kind, group }: WantedFile): Promise<VerifiedFiles> => {
      const name = `${kind}/${group}`;
      const records = groups.get(name) ?? (await this.#verified.read(this.#root, kind, group));
      groups.set(name, records);
      return records;
    };
    for (const [nth, file] of wanted.entries()) {
      const seen = looks[nth];
      if (seen?.isFile !== true) continue;
      const records = (await recordsOf(file)).get(file.path);
      const latest = file.spec === undefined ? knownOf(records, seen) : undefined;
      const record =
        file.spec === undefined
          ? latest?.how === 'damaged'
            ? undefined
            : latest
          : findVouchingRecord(file.spec, records, seen);
      const sha256 = record === undefined ? undefined : sha256Known(records, record);
      known.push({ ...file, seen, record, sha256, turn: nextTurn(records) });
    }
    return known;
  }
}
