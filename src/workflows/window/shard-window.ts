import { CancellationScope, condition } from '@temporalio/workflow';
import { type FileKind, type ShardKind, shardRow, windows } from '../../domain/kinds.ts';
import { summarized } from '../../domain/quoting/markdown.ts';
import { fullDiskWaitMs } from '../../domain/run/backoff.ts';
import { signalsPerShard } from '../../domain/run/plan.ts';
import { emptyTally, type Tally, type Wait } from '../../domain/run/progress.ts';
import type { RunContext } from '../../domain/run/run.ts';
import { type RunTallies, tallySince } from '../../domain/run/tally-run.ts';
import type {
  BuildDatasetState,
  LargeFileResult,
  PendingLargeFile,
  PendingShard,
  ProcessShardInput,
  ShardResult,
  ShardTotals,
} from '../../domain/run/workflow-inputs.ts';
import { withWaitsEnded } from '../../domain/waits/quota-wait.ts';
import { boundedWaits, firstEnd, toldOfFiles } from '../../domain/waits/waiting-files.ts';
import { waitSummary } from '../../domain/words/summaries.ts';
import {
  awaitsOriginals,
  hasCome,
  isItsTurn,
  type Unsettled,
  withOriginals,
  withoutOriginals,
} from './shard-order.ts';

/** The run's children, as far as the window opens them: `children.ts`. */
export interface OpensChildren {
  /** The Workflow Id of a shard's child. */
  idOf(kind: string, name: string): string;
  processShard(
    shard: ShardTotals,
    rest: Omit<ProcessShardInput, keyof RunContext | 'kind' | 'folder' | 'paused'>,
    isPaused: () => boolean,
  ): Promise<ShardResult>;
  fetchLargeFile(file: PendingLargeFile, isPaused: () => boolean): Promise<LargeFileResult>;
  /** Asks the large files to stop where they are. */
  handOver(): Promise<void>;
}

export interface WindowRules {
  readonly isPaused: () => boolean;
  /** True: start nothing more, let what is open end; the run continues as new. */
  readonly isHistoryLong: () => boolean;
  readonly onChange: () => void;
  /** Makes anew what a shard found missing or damaged of the manifest; many may ask for it at the same time. */
  readonly mendManifest: () => Promise<void>;
  /** Folders whose originals may lie on the disk (`shard-order.ts`); undefined: any number. */
  readonly originalsAhead: number | undefined;
}

/**
 * Keeps a bounded number of shards open, and every large file (each of which has one Activity at a time). A shard whose
 * files are under quota gives its place away and comes back when its wait is over. In which order originals and what is
 * made of them come is the law of `shard-order.ts`.
 */
export class ShardWindow {
  readonly #children: OpensChildren;
  readonly #tallies: RunTallies;
  readonly #rules: WindowRules;
  readonly #manifestMd5: BuildDatasetState['manifest']['md5'];
  readonly #signals: number;
  readonly #open = new Map<string, PendingShard>();
  readonly #openLargeFiles = new Set<string>();
  readonly #noted = new Map<string, Tally>();
  #pending: readonly PendingShard[];
  #largeFiles: readonly PendingLargeFile[];
  #handsOver = false;
  /** Folders in a row whose originals found no room on the disk. */
  #vainTries = 0;
  /** When kinds that found none may look for room again. */
  readonly #roomAt = new Map<ShardKind, number>();
  #failure: { readonly error: unknown } | undefined;

  constructor(state: BuildDatasetState, children: OpensChildren, tallies: RunTallies, rules: WindowRules) {
    this.#children = children;
    this.#tallies = tallies;
    this.#rules = rules;
    this.#manifestMd5 = state.manifest.md5;
    this.#signals = signalsPerShard(state.shardCount, state.largeFiles.length);
    this.#pending = state.pending;
    this.#largeFiles = state.largeFiles;
    for (const shard of state.pending) if (shard.carried) this.#change(shard, shard.carried.tally);
  }

  get hasMore(): boolean {
    return this.#pending.length > 0 || this.#largeFiles.length > 0;
  }

  /** What is left for the next Run of the chain. */
  left(): Pick<BuildDatasetState, 'pending' | 'largeFiles'> {
    return { pending: this.#pending, largeFiles: this.#largeFiles };
  }

  /** By Workflow Id: what the run's tallies hold of each open shard. A large file counts when it is over. */
  counted(): Readonly<Record<string, Tally>> {
    return Object.fromEntries(
      [...this.#open.values()].map((shard) => {
        const { doneFiles, doneBytes } = shard;
        const known = this.#noted.get(nameOf(shard)) ?? shard.carried?.tally;
        return [
          this.#children.idOf(shard.kind, shard.folder),
          known ?? { ...emptyTally, doneFiles, doneBytes },
        ];
      }),
    );
  }

  waits(): readonly Wait[] {
    return this.#pending.flatMap((shard) => {
      const { carried, until } = shard;
      if (carried === undefined) return [];
      const { files, doneFiles, failedFiles, deferredFiles } = carried.tally;
      const roomAt = this.#roomAt.get(shard.kind);
      // Nothing to do but to look again: not while it is aligning's turn.
      if (until === undefined && roomAt !== undefined && roomAt > Date.now()) {
        return [waitOf(shard, files - doneFiles - failedFiles - deferredFiles, 'disk-full', roomAt)];
      }
      if (until === undefined) return [];
      return toldOfFiles(nameOf(shard), carried.waiting ?? []);
    });
  }

  /** What waits for a quota may start now (or when the run is resumed); answers how many waits that ended. */
  retryNow(): number {
    let ended = 0;
    this.#pending = this.#pending.map((shard) => {
      const waiting = withWaitsEnded(shard.carried?.waiting ?? [], Date.now());
      if (shard.carried === undefined || waiting === undefined) return shard;
      ended++;
      const { until: _, ...again } = shard;
      return { ...again, carried: { ...shard.carried, waiting } };
    });
    return ended;
  }

  /** A progress signal of an open shard. */
  note(kind: FileKind, name: string, tally: Tally): void {
    const shard = this.#open.get(`${kind} ${name}`);
    if (!shard) return;
    this.#noted.set(nameOf(shard), tally);
    this.#change(shard, tally);
  }

  /** Ends when nothing is left, or when nothing is open and the history is long. Rejects after all children have ended. */
  async run(): Promise<void> {
    const scope = new CancellationScope();
    try {
      await scope.run(async () => {
        while (this.#failure === undefined) {
          this.#startWhatMay();
          this.#handOverLargeFiles();
          const busy = this.#busy;
          if (busy === 0 && (!this.hasMore || this.#rules.isHistoryLong())) return;
          await this.#untilSomethingChanges(busy);
        }
      });
    } finally {
      // Cancelled, or a child's reason is final (another run owns the folder): the others stop in good order first.
      if (this.#failure) scope.cancel();
      await CancellationScope.nonCancellable(() => condition(() => this.#busy === 0));
    }
    if (this.#failure) throw this.#failure.error;
  }

  get #busy(): number {
    return this.#open.size + this.#openLargeFiles.size;
  }

  async #untilSomethingChanges(busy: number): Promise<void> {
    const wasPaused = this.#rules.isPaused();
    const changed = () =>
      this.#failure !== undefined ||
      this.#busy < busy ||
      this.#mustHandOver ||
      // Going on after a pause may mean to wait again, with a timer this time.
      this.#rules.isPaused() !== wasPaused ||
      this.#next() !== undefined;
    const waiting = this.#pending.filter((shard) => this.#hasPlace(shard) && this.#mayStart(shard));
    const next = Math.min(
      ...waiting.map((shard) => this.#notBefore(shard)).filter((time) => time > Date.now()),
    );
    if (next === Number.POSITIVE_INFINITY) await condition(changed);
    else {
      const summary = waitSummary('files that wait', next);
      await condition(changed, Math.max(1_000, next - Date.now()), summarized(summary));
    }
  }

  /** What frees space starts whatever the history: others may wait for that space before they can end. */
  #mayStart(shard?: PendingShard): boolean {
    if (this.#rules.isPaused() || this.#failure !== undefined) return false;
    const freesSpace = this.#rules.originalsAhead !== undefined && shard?.holdsOriginals === true;
    return freesSpace || !this.#rules.isHistoryLong();
  }

  #next(): PendingShard | undefined {
    const now = Date.now();
    return this.#pending.find(
      (shard) => this.#notBefore(shard) <= now && this.#mayStart(shard) && this.#hasPlace(shard),
    );
  }

  #notBefore({ kind, until = 0 }: PendingShard): number {
    return Math.max(until, this.#roomAt.get(kind) ?? 0);
  }

  get #unsettled(): Unsettled {
    return { open: [...this.#open.values()], pending: this.#pending };
  }

  /** Is there room for it beside what is open, and is it its turn? */
  #hasPlace(shard: PendingShard): boolean {
    const { window } = shardRow(shard.kind);
    const beside = [...this.#open.values()].filter(({ kind }) => shardRow(kind).window === window);
    return beside.length < windows[window] && isItsTurn(shard, this.#unsettled, this.#rules.originalsAhead);
  }

  /**
   * The next Run of the chain starts them again from what is on the disk. Only when the shards have ended: until then an
   * archive goes on, but no shard waits for it.
   */
  #handOverLargeFiles(): void {
    if (!this.#mustHandOver) return;
    this.#handsOver = true;
    void this.#children.handOver();
  }

  get #mustHandOver(): boolean {
    const isAlone = this.#open.size === 0 && this.#openLargeFiles.size > 0;
    return isAlone && !this.#handsOver && this.#rules.isHistoryLong();
  }

  #startWhatMay(): void {
    if (this.#mayStart()) {
      for (const file of this.#largeFiles) void this.#runLargeFile(file);
      this.#largeFiles = [];
    }
    for (let shard = this.#next(); shard !== undefined; shard = this.#next()) {
      const started = shard;
      this.#pending = this.#pending.filter((other) => other !== started);
      void this.#runShard(started, awaitsOriginals(started, this.#unsettled));
    }
  }

  async #runShard(shard: PendingShard, originalsToCome: boolean): Promise<void> {
    const name = nameOf(shard);
    this.#open.set(name, shard);
    try {
      const result = await this.#processShard(shard, originalsToCome);
      const { tally } = result.carried;
      const left = this.#leftOf(shard, result, originalsToCome);
      if (left === undefined) this.#tallies.settle(name, shard.kind, tallySince(shard, tally));
      else this.#change(shard, tally);
      if (hasCome(shard, tally)) this.#pending = withOriginals(this.#pending, shard);
      if (left !== undefined) this.#pending = [...this.#pending, left];
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#open.delete(name);
      this.#noted.delete(name);
      this.#rules.onChange();
    }
  }

  /** One execution of its child after another, until none of them lacks the manifest. */
  async #processShard({ carried, ...shard }: PendingShard, originalsToCome: boolean): Promise<ShardResult> {
    for (let sofar = carried; ; ) {
      const rest = {
        manifestMd5: this.#manifestMd5,
        signals: this.#signals,
        ...(sofar ? { carried: sofar } : {}),
        ...(originalsToCome ? { originalsToCome } : {}),
      };
      const result = await this.#children.processShard(shard, rest, this.#rules.isPaused);
      if (!result.manifestLost) return result;
      sofar = result.carried;
      this.note(shard.kind, shard.folder, sofar.tally);
      await this.#rules.mendManifest();
    }
  }

  /** As it comes back, if it does. */
  #leftOf(shard: PendingShard, result: ShardResult, originalsToCome: boolean): PendingShard | undefined {
    const { noRoom } = result;
    const waiting = boundedWaits(result.carried.waiting ?? [], Date.now());
    const carried = { ...result.carried, ...(waiting.length > 0 ? { waiting } : {}) };
    const { until: _, ...again } = { ...shard, carried };
    if (hasCome(shard, carried.tally)) {
      // Of originals: others may fit as soon as these have served. Of aligned pictures: they have.
      this.#vainTries = 0;
      this.#roomAt.clear();
    } else if (noRoom) {
      this.#vainTries++;
      this.#roomAt.set(shard.kind, Date.now() + fullDiskWaitMs(this.#vainTries));
    }
    if (noRoom) return again;
    if (originalsToCome) return withoutOriginals(again);
    const until = firstEnd(waiting);
    return until === undefined ? undefined : { ...again, until };
  }

  async #runLargeFile(file: PendingLargeFile): Promise<void> {
    this.#openLargeFiles.add(file.key);
    try {
      const { tally, handedOver, waiting } = await this.#children.fetchLargeFile(file, this.#rules.isPaused);
      if (handedOver === undefined) this.#tallies.settle(file.key, file.kind, tally);
      else {
        const { waiting: _, ...ref } = file;
        this.#largeFiles = [...this.#largeFiles, waiting === undefined ? ref : { ...ref, waiting }];
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#openLargeFiles.delete(file.key);
      this.#rules.onChange();
    }
  }

  #change(shard: PendingShard, tally: Tally): void {
    this.#tallies.change(nameOf(shard), shard.kind, tallySince(shard, tally));
  }
}

function waitOf(shard: PendingShard, files: number, reason: string, until: number): Wait {
  return { what: `${nameOf(shard)}: ${files} files`, reason, until: new Date(until).toISOString() };
}

function nameOf(shard: Pick<PendingShard, 'kind' | 'folder'>): string {
  return `${shard.kind} ${shard.folder}`;
}
