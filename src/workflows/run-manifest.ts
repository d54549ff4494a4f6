import { ApplicationFailure, condition, log } from '@temporalio/workflow';
import { MANIFEST_FILE } from '../domain/dataset/layout.ts';
import { officialManifest } from '../domain/dataset/reference-files.ts';
import { failureType } from '../domain/failure/reasons.ts';
import type { FewFilesKind } from '../domain/kinds.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import { listed } from '../domain/run/listed-files.ts';
import { type ManifestRoute, manifestRoute } from '../domain/run/manifest-route.ts';
import { emptyTally, type Tally, type Wait } from '../domain/run/progress.ts';
import type { RunContext } from '../domain/run/run.ts';
import type { ManifestSummary, QuotaWait } from '../domain/run/workflow-inputs.ts';
import { refusedAgain, toldOf, withWaitsEnded } from '../domain/waits/quota-wait.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { activities } from './activity-options.ts';
import type { Children } from './children.ts';
import { isManifestLost } from './contract/manifest-lost.ts';
import type { PauseGate } from './pause-gate.ts';
import type { RunGate } from './run-gate.ts';

/** Once with what the folder has, then with what is fetched; a third time for what was found damaged on the way. */
const MOST_TRIES = 2;

/** A disk that loses its notes more often in one execution is no place for them. */
const MOST_MENDS = 20;

export interface ManifestRules {
  readonly gate: PauseGate;
  readonly source: RunGate;
  readonly children: Children;
  /** What became of the files of a kind that is fetched here. */
  readonly onTally: (kind: FewFilesKind, tally: Tally) => void;
  readonly tallyOf: (kind: FewFilesKind) => Tally | undefined;
  /** Something begins or ends to wait. */
  readonly onWait: () => void;
}

/** The few files that the rest needs, and what the folder keeps of the manifest: loaded, fetched, mended. */
export class RunManifest {
  readonly #context: RunContext;
  readonly #rules: ManifestRules;
  #mending: Promise<void> | undefined;
  #mends = 0;
  /** What waits now. */
  readonly #waiting = new Map<FewFilesKind, QuotaWait>();

  constructor(context: RunContext, rules: ManifestRules) {
    this.#context = context;
    this.#rules = rules;
  }

  waits(): readonly Wait[] {
    return [...this.#waiting].map(([kind, wait]) => toldOf(this.#nameOf(kind), wait));
  }

  /** What waits is asked for again now (or when the run is resumed); answers how many waits that ended. */
  retryNow(): number {
    let ended = 0;
    for (const [kind, wait] of this.#waiting) {
      for (const over of withWaitsEnded([wait], Date.now()) ?? []) {
        this.#waiting.set(kind, over);
        ended++;
      }
    }
    return ended;
  }

  /** Its records in slices, and the crops of its faces where those are wanted. What turns out to be lost is fetched. */
  async load(): Promise<ManifestSummary> {
    return this.#unlessLost((tries) => this.#load(tries > 0, undefined));
  }

  /** Makes anew what is missing or damaged; many may ask for it at the same time. */
  mend(manifest: ManifestSummary): Promise<void> {
    this.#mending ??= this.#mend(manifest).finally(() => {
      this.#mending = undefined;
    });
    return this.#mending;
  }

  /** Work that needs what the folder keeps of the manifest; where that is lost, it is mended first. */
  async with<Result>(manifest: ManifestSummary, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isManifestLost(error)) throw error;
        await this.mend(manifest);
      }
    }
  }

  /** The few files outside the thousand-folders; those under quota are waited for, because the rest needs them. */
  async fetchListed(kind: FewFilesKind): Promise<void> {
    const files = listed[kind].files(this.#context.request);
    if (files.length === 0) return;
    const bytes = files.reduce((sum, file) => sum + (file.size ?? 0), 0);
    for (let waiting: QuotaWait | undefined; ; ) {
      const summary = shown(this.#nameOf(kind));
      const result = await this.#rules.gate.unlessClosed(() =>
        activities.fetchBundle.executeWithOptions(summarized(summary), [
          { ...this.#context, files: { kind } },
        ]),
      );
      if (result.interrupted) continue;
      if (result.gate !== undefined) {
        this.#rules.source.meet(result.gate);
        await this.#rules.source.untilOpen();
        continue;
      }
      if (result.deferred === undefined) {
        // Files of unknown size count as large as they turned out to be.
        const totals = { files: files.length, bytes: bytes || result.tally.doneBytes };
        this.#rules.onTally(kind, { ...result.tally, ...totals });
        return;
      }
      waiting = refusedAgain(waiting, result.deferred, Date.now(), Math.random());
      await this.#wait(kind, waiting);
    }
  }

  async #wait(kind: FewFilesKind, wait: QuotaWait): Promise<void> {
    const { until, reason } = wait;
    this.#waiting.set(kind, wait);
    this.#rules.onWait();
    try {
      await condition(
        () => (this.#waiting.get(kind)?.until ?? 0) <= Date.now(),
        until - Date.now(),
        summarized(waitSummary(reason, until)),
      );
      await this.#rules.gate.untilOpen();
    } finally {
      this.#waiting.delete(kind);
      this.#rules.onWait();
    }
  }

  #nameOf(kind: FewFilesKind): string {
    const { length } = listed[kind].files(this.#context.request);
    return length === 1 ? kind : `${kind} (${length} files)`;
  }

  /** The folder keeps it whole again afterwards: made anew from its text, and that fetched where it is lost, too. */
  async #mend(manifest: ManifestSummary): Promise<void> {
    if (++this.#mends > MOST_MENDS)
      throw ApplicationFailure.nonRetryable(
        `store [path=${this.#context.store.path}]: expected the manifest's notes to stay as they are written, got them damaged ${MOST_MENDS} times`,
        failureType('Store', 'manifest-lost'),
      );
    log.warn('what the folder keeps of the manifest was missing or damaged: it is made anew');
    await this.#unlessLost((tries) => this.#load(tries > 0, manifest));
  }

  async #load(fetches: boolean, known: ManifestSummary | undefined): Promise<ManifestSummary> {
    const context = this.#context;
    const { gate } = this.#rules;
    const again = known === undefined ? {} : { again: known.md5 };
    const suffix = known === undefined ? markdown`` : markdown`, again: what is kept of it was damaged`;
    const route = manifestRoute(context.request);
    if (route === 'photos') {
      return gate.unlessClosed(() =>
        activities.planPhotos.executeWithOptions(summarized(markdown`landmarks and photographs${suffix}`), [
          { ...context, ...again },
        ]),
      );
    }
    const failure = known === undefined || fetches ? await this.#fetch(route) : undefined;
    const manifest = await gate.unlessClosed(() =>
      activities.loadManifest.executeWithOptions(summarized(markdown`${shown(MANIFEST_FILE)}${suffix}`), [
        { ...context, ...again, ...(failure === undefined ? {} : { failure }) },
      ]),
    );
    if (context.request.align !== undefined) {
      await gate.unlessClosed(() =>
        activities.planCrops.executeWithOptions(summarized(markdown`${manifest.records} faces${suffix}`), [
          { ...context, manifest, ...again },
        ]),
      );
    }
    if (context.request.selection !== undefined) {
      const { words } = context.request.selection;
      const selected = await gate.unlessClosed(() =>
        activities.selectRecords.executeWithOptions(summarized(markdown`${shown(words)}${suffix}`), [
          { ...context, manifest },
        ]),
      );
      return { ...manifest, selected };
    }
    return manifest;
  }

  /** Work that finds the manifest's text lost is done once more, now with a fetched one. */
  async #unlessLost<Result>(work: (tries: number) => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries++) {
      try {
        return await work(tries);
      } catch (error) {
        if (!isManifestLost(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /** Answers why the manifest could not be fetched, if it could not. */
  async #fetch(route: ManifestRoute): Promise<string | undefined> {
    const { gate, children, onTally, tallyOf } = this.#rules;
    await gate.untilOpen();
    if (route === 'bundle') {
      await this.fetchListed('json');
      const failures = Object.keys(tallyOf('json')?.failures ?? {});
      return failures.length === 0 ? undefined : failures.join(', ');
    }
    if (route !== 'large-file') return undefined;
    onTally('json', { ...emptyTally, files: 1, bytes: officialManifest.size });
    const { tally, failure } = await children.fetchLargeFile(officialManifest, () => gate.paused);
    onTally('json', tally);
    return failure;
  }
}
