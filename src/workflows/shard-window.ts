import { CancellationScope, condition } from '@temporalio/workflow';
import type { FileKind } from '../domain/dataset/file-spec.ts';
import { ALIGN_WINDOW, SHARD_WINDOW, signalsPerShard } from '../domain/run/plan.ts';
import { emptyTally, type Tally, type Wait } from '../domain/run/progress.ts';
import type { ArchiveSpec, BuildDatasetState, PendingShard } from '../domain/run/run.ts';
import { type RunTallies, tallySince } from '../domain/run/tally-run.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import type { Children } from './children.ts';

export interface WindowRules {
  readonly isPaused: () => boolean;
  /** True: start nothing more, let what is open end; the run continues as new. */
  readonly isHistoryLong: () => boolean;
  readonly onChange: () => void;
  /** Folders whose originals may lie on the disk before they are aligned; undefined: any number. */
  readonly originalsAhead: number | undefined;
}

/**
 * Keeps a bounded number of shards open, and every archive (each of which has one Activity at a time). A shard whose
 * files are under quota gives its place away and comes back when its wait is over.
 */
export class ShardWindow {
  readonly #children: Children;
  readonly #tallies: RunTallies;
  readonly #rules: WindowRules;
  readonly #manifestMd5: BuildDatasetState['manifest']['md5'];
  readonly #signals: number;
  readonly #open = new Map<string, PendingShard>();
  readonly #openArchives = new Set<string>();
  readonly #noted = new Map<string, Tally>();
  #pending: readonly PendingShard[];
  #archives: readonly ArchiveSpec[];
  #failure: { readonly error: unknown } | undefined;

  constructor(state: BuildDatasetState, children: Children, tallies: RunTallies, rules: WindowRules) {
    this.#children = children;
    this.#tallies = tallies;
    this.#rules = rules;
    this.#manifestMd5 = state.manifest.md5;
    this.#signals = signalsPerShard(state.shardCount);
    this.#pending = state.pending;
    this.#archives = state.archives;
    for (const shard of state.pending) if (shard.carried) this.#change(shard, shard.carried.tally);
  }

  get hasMore(): boolean {
    return this.#pending.length > 0 || this.#archives.length > 0;
  }

  /** What is left for the next Run of the chain. */
  left(): Pick<BuildDatasetState, 'pending' | 'archives'> {
    return { pending: this.#pending, archives: this.#archives };
  }

  /** By Workflow Id: what the run's tallies hold of each open shard. An archive counts when it is over. */
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
    return this.#open.size + this.#openArchives.size;
  }

  async #untilSomethingChanges(busy: number): Promise<void> {
    const wasPaused = this.#rules.isPaused();
    const changed = () =>
      this.#failure !== undefined ||
      this.#busy < busy ||
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
    const open = [...this.#open.values()];
    const aligning = open.filter(({ kind }) => kind === 'align').length;
    if (shard.kind === 'align') {
      return aligning < ALIGN_WINDOW && ![...open, ...this.#pending].some(isWildsOf(shard.folder));
    }
    if (open.length - aligning >= SHARD_WINDOW) return false;
    const { originalsAhead } = this.#rules;
    if (originalsAhead === undefined || shard.kind !== 'wilds') return true;
    const unaligned = [...open, ...this.#pending].filter(({ kind }) => kind === 'align');
    const folders = unaligned.map(({ folder }) => folder);
    const fetched = folders.filter((folder) => !this.#pending.some(isWildsOf(folder)));
    return fetched.length < originalsAhead;
  }

  #startWhatMay(): void {
    if (!this.#mayStart()) return;
    for (const archive of this.#archives) void this.#runArchive(archive);
    this.#archives = [];
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
      const rest = {
        manifestMd5: this.#manifestMd5,
        signals: this.#signals,
        ...(shard.carried ? { carried: shard.carried } : {}),
      };
      const { carried } = await this.#children.processShard(shard, rest, this.#rules.isPaused);
      const { tally, deferred } = carried;
      if (deferred === undefined) this.#tallies.settle(name, shard.kind, tallySince(shard, tally));
      else {
        this.#pending = [...this.#pending, { ...shard, until: deferred.until, carried }];
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

  async #runArchive(archive: ArchiveSpec): Promise<void> {
    this.#openArchives.add(archive.key);
    try {
      const { tally } = await this.#children.fetchArchive(archive, this.#rules.isPaused);
      this.#tallies.settle(archive.key, archive.kind, tally);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#openArchives.delete(archive.key);
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

function isWildsOf(folder: string): (shard: PendingShard) => boolean {
  return (shard) => shard.kind === 'wilds' && shard.folder === folder;
}
