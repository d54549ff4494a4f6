import type { FileFailure } from '../../domain/failure/file-failure.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import type { FileKind } from '../../domain/kinds.ts';
import type { FailureLog, FaultCount } from '../records/failure-log.ts';

/** Whose failures they are. */
export interface NotedFor {
  readonly storePath: string;
  /** First Run Id. */
  readonly run: string;
  readonly kind: FileKind;
  readonly group: string;
  /** Nothing that is found is a failure of the run. */
  readonly onlyToKnow: boolean;
}

/** What one attempt notes of its files' failures, for the report and for the attempts after it. */
export class FailureNotes {
  readonly #log: FailureLog;
  readonly #for: NotedFor;
  /** Lines on the way to the disk. */
  readonly #noting: Promise<void>[] = [];
  /** Failures that earlier attempts noted, and how often. */
  #noted: ReadonlyMap<string, number> = new Map();

  constructor(log: FailureLog, noted: NotedFor) {
    this.#log = log;
    this.#for = noted;
  }

  /** Reads what earlier attempts noted; answers the faults of files that they did not give up. */
  async read(): Promise<ReadonlyMap<string, number>> {
    this.#noted = await this.#log.readNoted(...this.#place);
    return this.#log.readFaults(...this.#place);
  }

  /** `whenNoted` comes after the line is in the log: nobody hears of a failure of which the report would know nothing. */
  fail(failure: FileFailure, whenNoted: () => void): void {
    const line = this.#for.onlyToKnow ? Promise.resolve() : this.#log.append(...this.#place, [failure]);
    this.#hold(line.then(whenNoted));
  }

  /** It came after all: the report must not name it. */
  done(key: string): void {
    const voided = this.#noted.get(key);
    if (voided === undefined || this.#for.onlyToKnow) return;
    this.#hold(this.#log.appendVoided(...this.#place, [{ key, voided }]));
  }

  /** @param faults of files that are not given up yet */
  async written(faults: readonly FaultCount[]): Promise<void> {
    try {
      await Promise.all(this.#noting);
      await this.#log.appendFaults(...this.#place, faults);
    } catch (error) {
      throw storeErrorFrom(error, 'notes of failures') ?? error;
    }
  }

  get #place() {
    const { storePath, run, kind, group } = this.#for;
    return [storePath, run, kind, group] as const;
  }

  /** Awaited with all others; until then its failure is nobody's unhandled rejection. */
  #hold(line: Promise<void>): void {
    line.catch(() => {});
    this.#noting.push(line);
  }
}
