import { CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { type NoticeEvent, type NotifyRequest, noticeOf } from '../domain/notices/notice.ts';
import { shown, summarized } from '../domain/quoting/markdown.ts';
import { type RunProgress, sumOfTallies } from '../domain/run/progress.ts';
import type { RunContext } from '../domain/run/run.ts';
import type { GatesMet, NoticeState } from '../domain/run/workflow-inputs.ts';
import { waitingSince, withGatesMet } from '../domain/waits/waiting-since.ts';
import { lastNoticeActivities, noticeActivities } from './activity-options.ts';

/** Tells whoever was named with `--notify` how the run fares. Who cannot be reached never holds the run up. */
export class RunNotices {
  readonly #context: RunContext;
  readonly #notify: NotifyRequest | undefined;
  readonly #progress: () => RunProgress;
  #told: number;
  /** When files began to wait (ms since the epoch), while any does. */
  #since: number | undefined;
  /** Of the waits since then (ms since the epoch) and before was told. */
  #saidFor: number;
  /** When a wait was told last (ms since the epoch). */
  #saidAt: number;
  #met: GatesMet;

  /** @param carried of the Run before this one in the chain */
  constructor(
    context: RunContext,
    notify: NotifyRequest | undefined,
    progress: () => RunProgress,
    carried: NoticeState | undefined,
  ) {
    this.#context = context;
    this.#notify = notify;
    this.#progress = progress;
    this.#told = carried?.told ?? 0;
    this.#since = carried?.since;
    this.#saidFor = carried?.saidFor ?? 0;
    this.#saidAt = carried?.saidAt ?? 0;
    this.#met = carried?.met ?? {};
    if (this.#since !== undefined && this.#saidFor < this.#since) void this.#awaitWait(this.#since);
  }

  /** What the next Run of the chain goes on with. */
  get carried(): NoticeState | undefined {
    if (this.#notify === undefined) return undefined;
    const since = this.#since === undefined ? {} : { since: this.#since };
    return { told: this.#told, saidFor: this.#saidFor, saidAt: this.#saidAt, met: this.#met, ...since };
  }

  /** Something changed: do files wait, and since when? A wait that was asked for again in vain is the same wait. */
  look(): void {
    if (this.#notify === undefined) return;
    const waits = this.#progress().waits;
    const now = Date.now();
    const clock = { now, start: workflowInfo().startTime.getTime() };
    this.#met = withGatesMet(this.#met, waits, clock);
    const since = waitingSince(waits, this.#met, { ...clock, known: this.#since ?? now });
    if (since === this.#since) return;
    this.#since = since;
    if (since !== undefined && this.#saidFor < since) void this.#awaitWait(since);
  }

  /** Under way: nobody waits for it. */
  tell(event: NoticeEvent): void {
    if (this.#notify === undefined) return;
    this.#send(event, noticeActivities, this.#notify).catch((error: unknown) => {
      if (!isCancellation(error)) log.warn('a notice was not taken', { error });
    });
  }

  /** At the run's end, also where it was cancelled: waits a moment for whoever is told. */
  async tellEnd(event: NoticeEvent): Promise<void> {
    const notify = this.#notify;
    if (notify === undefined) return;
    try {
      await CancellationScope.nonCancellable(() => this.#send(event, lastNoticeActivities, notify));
    } catch (error) {
      log.warn('a notice was not taken', { error });
    }
  }

  /** However often waits end and begin, they are told once in that time. */
  async #awaitWait(since: number): Promise<void> {
    const afterMs = this.#notify?.afterMs ?? 0;
    try {
      const left = Math.max(1, Math.max(since, this.#saidAt) + afterMs - Date.now());
      const isOver = await condition(
        () => this.#since !== since,
        left,
        summarized(shown('tell of the wait')),
      );
      // It may have ended and begun again in between, and have been told by whoever awaited it then.
      if (isOver || this.#saidFor >= since) return;
      this.#saidFor = since;
      this.#saidAt = Date.now();
      this.tell('waiting');
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }

  async #send(event: NoticeEvent, by: typeof noticeActivities, notify: NotifyRequest): Promise<void> {
    const { kinds, waits } = this.#progress();
    const head = { event, number: ++this.#told, at: new Date().toISOString() };
    const notice = noticeOf(head, sumOfTallies(Object.values(kinds)), waits);
    await by.sendNotice.executeWithOptions(summarized(shown(event)), [{ ...this.#context, notify, notice }]);
  }
}
