import { CancellationScope, condition } from '@temporalio/workflow';
import type { Folder } from '../domain/dataset/ids.ts';
import type { LargeFileSpec } from '../domain/dataset/reference-files.ts';
import { type FileKind, isMadeFrom, type ShardKind, shardRow, windows } from '../domain/kinds.ts';
import { signalsPerShard } from '../domain/run/plan.ts';
import { emptyTally, type Tally, type Wait } from '../domain/run/progress.ts';
import { type RunTallies, tallySince } from '../domain/run/tally-run.ts';
import type { BuildDatasetState, PendingShard, ShardCarried } from '../domain/run/workflow-inputs.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import type { Children } from './children.ts';

export interface WindowRules {
  readonly isPaused: () => boolean;
  /** True: start nothing more, let what is open end; the run continues as new. */
  readonly isHistoryLong: () => boolean;
  readonly onChange: () => void;
  /** Makes anew what a shard found missing or damaged of the manifest; many may ask for it at the same time. */
  readonly mendManifest: () => Promise<void>;
  /** Folders whose originals may lie on the disk before they are aligned; undefined: any number. */
  readonly originalsAhead: number | undefined;
}

/**
 * Keeps a bounded number of shards open, and every large file (each of which has one Activity at a time). A shard whose
 * files are under quota gives its place away and comes back when its wait is over.
 */
export class ShardWindow {
  readonly #children: Children;
  readonly #tallies: RunTallies;
  readonly #rules: WindowRules;
  readonly #manifestMd5: BuildDatasetState['manifest']['md5'];
  readonly #signals: number;
  readonly #open = new Map<string, PendingShard>();
  readonly #openLargeFiles = new Set<string>();
  readonly #noted = new Map<string, Tally>();
  #pending: readonly PendingShard[];
  #largeFiles: readonly LargeFileSpec[];
  #handsOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(state: BuildDatasetState, children: Children, tallies: RunTallies, rules: WindowRules) {
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
    return this.#pending.flatMap((shard) =>
      shard.until === undefined
        ? []
        : [
            {
              what: `${nameOf(shard)}: ${shard.carried?.tally.deferredFiles ?? 0} files`,
              reason: shard.carried?.deferred?.reason ?? 'quota',
              until: new Date(shard.until).toISOString(),
            },
          ],
    );
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
      (this.#mayStart() && this.#next() !== undefined);
    const waiting = this.#pending.filter((shard) => this.#hasPlace(shard));
    const next = Math.min(...waiting.map((shard) => shard.until ?? Number.POSITIVE_INFINITY));
    if (next === Number.POSITIVE_INFINITY || !this.#mayStart()) await condition(changed);
    else {
      const summary = waitSummary('files that wait', next);
      await condition(changed, Math.max(1_000, next - Date.now()), { summary });
    }
  }

  #mayStart(): boolean {
    return !this.#rules.isPaused() && !this.#rules.isHistoryLong() && this.#failure === undefined;
  }

  #next(): PendingShard | undefined {
    const now = Date.now();
    return this.#pending.find(
      (shard) => (shard.until === undefined || shard.until <= now) && this.#hasPlace(shard),
    );
  }

  /** Is there room for it beside what is open, and is what it needs there? */
  #hasPlace(shard: PendingShard): boolean {
    const { window, madeOf } = shardRow(shard.kind);
    const open = [...this.#open.values()];
    const beside = open.filter(({ kind }) => shardRow(kind).window === window);
    if (beside.length >= windows[window]) return false;
    const unsettled = [...open, ...this.#pending];
    if (madeOf !== undefined && unsettled.some(isShard(madeOf, shard.folder))) return false;
    const { originalsAhead } = this.#rules;
    if (originalsAhead === undefined) return true;
    const unmade = unsettled.filter(({ kind }) => isMadeFrom(kind, shard.kind));
    if (unmade.length === 0) return true;
    const fetched = unmade.filter(({ folder }) => !this.#pending.some(isShard(shard.kind, folder)));
    return fetched.length < originalsAhead;
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
    if (!this.#mayStart()) return;
    for (const file of this.#largeFiles) void this.#runLargeFile(file);
    this.#largeFiles = [];
    for (let shard = this.#next(); shard !== undefined; shard = this.#next()) {
      const started = shard;
      this.#pending = this.#pending.filter((other) => other !== started);
      void this.#runShard(started);
    }
  }

  async #runShard(shard: PendingShard): Promise<void> {
    const name = nameOf(shard);
    this.#open.set(name, shard);
    try {
      const { tally, deferred, ...carried } = await this.#processShard(shard);
      if (deferred === undefined) this.#tallies.settle(name, shard.kind, tallySince(shard, tally));
      else {
        const waiting = { ...shard, until: deferred.until, carried: { ...carried, tally, deferred } };
        this.#pending = [...this.#pending, waiting];
        this.#change(shard, tally);
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#open.delete(name);
      this.#noted.delete(name);
      this.#rules.onChange();
    }
  }

  /** One execution of its child after another, until none of them lacks the manifest. */
  async #processShard({ carried, ...shard }: PendingShard): Promise<ShardCarried> {
    for (let sofar = carried; ; ) {
      const rest = {
        manifestMd5: this.#manifestMd5,
        signals: this.#signals,
        ...(sofar ? { carried: sofar } : {}),
      };
      const result = await this.#children.processShard(shard, rest, this.#rules.isPaused);
      if (!result.manifestLost) return result.carried;
      sofar = result.carried;
      this.note(shard.kind, shard.folder, sofar.tally);
      await this.#rules.mendManifest();
    }
  }

  async #runLargeFile(file: LargeFileSpec): Promise<void> {
    this.#openLargeFiles.add(file.key);
    try {
      const { tally, handedOver } = await this.#children.fetchLargeFile(file, this.#rules.isPaused);
      if (handedOver === undefined) this.#tallies.settle(file.key, file.kind, tally);
      else this.#largeFiles = [...this.#largeFiles, file];
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

function nameOf(shard: Pick<PendingShard, 'kind' | 'folder'>): string {
  return `${shard.kind} ${shard.folder}`;
}

function isShard(kind: ShardKind, folder: Folder): (shard: PendingShard) => boolean {
  return (shard) => shard.kind === kind && shard.folder === folder;
}
