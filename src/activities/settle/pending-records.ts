import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { FileKind } from '../../domain/kinds.ts';
import { type DamagedRecord, nextTurn, type SeenRecord } from '../../domain/verify/verification-record.ts';
import type { VerifiedFiles, VerifiedLog } from '../records/verified-records.ts';

type Noted<Record> = Omit<Record, 'run' | 'at' | 'turn'>;

/** Verification records on their way to the disk: a file does not hold its slot until its record is there. */
export class PendingRecords {
  readonly #log: VerifiedLog;
  readonly #place: readonly [storePath: string, kind: FileKind, group: string];
  readonly #run: string;
  readonly #pending: Promise<void>[] = [];
  /** Of the latest record of each file that was noted here. */
  readonly #turns = new Map<string, number>();

  constructor(log: VerifiedLog, storePath: string, kind: FileKind, group: string, run: string) {
    this.#log = log;
    this.#place = [storePath, kind, group];
    this.#run = run;
  }

  /**
   * Without a record, after a kill in the next milliseconds, the file is hashed again; it is never made again. Who must
   * know that it is on the disk waits for what is answered, and has it synced.
   *
   * @param known what was known of the files before
   */
  add(
    noted: Noted<SeenRecord> | Noted<DamagedRecord>,
    known: VerifiedFiles,
    { sync = false } = {},
  ): Promise<void> {
    const { file } = noted;
    const turn = (this.#turns.get(file) ?? nextTurn(known.get(file)) - 1) + 1;
    this.#turns.set(file, turn);
    const record = { ...noted, run: this.#run, at: new Date().toISOString(), turn };
    const written = this.#log.append(...this.#place, record, { sync });
    // Awaited with all others; until then its failure is nobody's unhandled rejection.
    written.catch(() => {});
    this.#pending.push(written);
    return written;
  }

  /** What goes on while other files have their turn. */
  hold(work: Promise<void>): void {
    work.catch(() => {});
    this.#pending.push(work);
  }

  /** All records are on the disk, or the reason why not is thrown. */
  async written(): Promise<void> {
    try {
      await Promise.all(this.#pending);
    } catch (error) {
      throw storeErrorFrom(error, 'verification records') ?? error;
    }
  }
}
