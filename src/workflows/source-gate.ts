import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  askedMs,
  closedMs,
  hurryMs,
  lookAgainMs,
  MOST_UNCLEAR,
  rememberMs,
  unclearMs,
} from '../domain/gate/gate-waits.ts';
import {
  GATE_MEMO,
  type GateNotice,
  type GateState,
  hurryRefusals,
  type Probe,
  type ProbeResult,
  type Refusal,
  type SourceGateInput,
  type Waiter,
} from '../domain/gate/source-gate.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import { madeFor } from '../domain/signing/signed-input.ts';
import { gateDetails } from '../domain/words/gate-details.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { probeActivities } from './activity-options.ts';
import {
  gateMovedSignal,
  gateQuery,
  probeNowUpdate,
  refusedSignal,
  waitsAtGateSignal,
} from './contract/messages.ts';
import { showDetails } from './show.ts';

/** Workflow Ids that are told when it moves; whoever comes later looks when its time has come. */
const MOST_WAITERS = 500;

/** Files that it asks for by turns. */
const MOST_PROBES = 8;

/** Events after which it goes on as new: it lives for days, and many may talk to it. */
const MOST_EVENTS = 1_000;

/**
 * The gate of a source: closed by a refusal that concerns every file, for all runs and workers of a Task Queue. At its time it
 * makes one request of its own, a probe, where somebody waits; what that is answered opens it, or closes it for longer. Then
 * all who wait are told. It remembers for a while how often it was closed, and ends.
 *
 * It needs no run that holds the probe, and no worker that lives: what is closed stands in its memo.
 */
export async function sourceGate(input: SourceGateInput): Promise<void> {
  const gate = new SourceGate(input);
  setHandler(refusedSignal, (refusal) => gate.refuse(refusal));
  setHandler(waitsAtGateSignal, (waiter) => gate.enlist(waiter));
  setHandler(gateQuery, () => gate.state);
  setHandler(probeNowUpdate, () => gate.probeNow(), { validator: () => gate.refuseHurry() });
  await gate.run();
}

class SourceGate {
  readonly #input: SourceGateInput;
  readonly #waiters: Set<string>;
  /** The next one first. */
  readonly #probes: Probe[];
  #refusal: Refusal;
  #times = 0;
  #closedMs = 0;
  #closed: GateState['closed'];
  #unclear = 0;
  #probedAt = 0;
  #probing = false;
  #hurried = false;
  #told: string | undefined;

  constructor(input: SourceGateInput) {
    const { state, refusal } = input;
    this.#input = input;
    this.#waiters = new Set(state?.waiters ?? []);
    this.#probes = [...(state?.probes ?? [refusal.probe])];
    this.#refusal = state?.refusal ?? refusal;
    if (state === undefined) this.#close(refusal);
    else {
      this.#times = state.times;
      this.#closedMs = state.closedMs;
      this.#closed = state.closed;
      this.#unclear = state.unclear;
      this.#probedAt = state.probedAt;
    }
  }

  get state(): GateState {
    return {
      refusal: this.#refusal,
      times: this.#times,
      closedMs: this.#closedMs,
      closed: this.#closed,
      unclear: this.#unclear,
      probedAt: this.#probedAt,
      waiters: [...this.#waiters],
      probes: this.#probes,
    };
  }

  /** While it is closed, others only say the same once more; a longer wait is kept all the same. */
  refuse(refusal: Refusal): void {
    if (this.#closed === undefined) {
      this.#times++;
      this.#probes.length = 0;
      this.#close(refusal);
    } else if (askedMs(refusal) > 0) this.#closeFor(askedMs(refusal));
    this.#note(refusal.probe);
    this.#publish();
  }

  enlist({ waiter, probe }: Waiter): void {
    if (probe !== undefined) this.#note(probe);
    if (this.#waiters.size < MOST_WAITERS) this.#waiters.add(waiter);
    // Who heard that it is closed just before it opened would wait for nothing.
    if (this.#closed === undefined) void this.#tellWaiters();
  }

  refuseHurry(): void {
    const words = this.#refusalOfHurry;
    if (words !== undefined) throw ApplicationFailure.nonRetryable(words, 'Input.ProbeNow');
  }

  /** Whoever hurries it, a source that refused is not asked at anybody's pace. */
  get #refusalOfHurry(): string | undefined {
    if (this.#closed === undefined) return hurryRefusals.open;
    if (this.#probing || this.#hurried) return hurryRefusals.asking;
    const since = Date.now() - this.#probedAt;
    return since < hurryMs(this.#waits) ? hurryRefusals.asked : undefined;
  }

  /** Answers in words what came of it. */
  async probeNow(): Promise<string> {
    this.#hurried = true;
    await condition(() => !this.#hurried && !this.#probing);
    return this.#closed === undefined ? 'open' : `closed until ${iso(this.#closed.until)}`;
  }

  async run(): Promise<void> {
    this.#publish();
    while (await this.#isNeeded()) {
      if (this.#isLong && !this.#hurried) await this.#goOnAsNew();
      if (this.#closed !== undefined && (this.#hurried || this.#isDue)) await this.#probe();
    }
    await condition(allHandlersFinished);
  }

  /** Waits for something to do; false: there is nothing more. */
  async #isNeeded(): Promise<boolean> {
    const closed = this.#closed;
    const mustGoOn = () => this.#hurried || this.#isLong;
    if (mustGoOn()) return true;
    if (closed === undefined)
      return condition(() => this.#closed !== undefined || mustGoOn(), this.#rememberMs);
    const left = closed.until - Date.now();
    if (left > 0) {
      const summary = summarized(waitSummary(this.#refusal.reason, closed.until));
      await condition(() => this.#closed?.until !== closed.until || mustGoOn(), left, summary);
      return true;
    }
    return this.#waiters.size > 0 || condition(() => this.#waiters.size > 0 || mustGoOn(), this.#rememberMs);
  }

  get #isDue(): boolean {
    return this.#closed !== undefined && Date.now() >= this.#closed.until && this.#waiters.size > 0;
  }

  get #isLong(): boolean {
    return workflowInfo().historyLength >= MOST_EVENTS;
  }

  get #rememberMs(): number {
    return rememberMs(this.#closedMs, this.#waits);
  }

  get #waits() {
    return this.#input.waits;
  }

  #close(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#unclear = 0;
    this.#closedMs = closedMs(refusal, this.#times, this.#waits, Math.random());
    this.#closeFor(this.#closedMs);
  }

  /** From now on. Nothing makes a time earlier that was said before: the source may have named it. */
  #closeFor(ms: number): void {
    const now = Date.now();
    const { since, until } = this.#closed ?? { since: now, until: now };
    this.#closed = { since, until: Math.max(until, now + ms) };
  }

  /** Of files that came here, the newest; of each its turn. */
  #note(probe: Probe): void {
    const isKnown = ({ file }: Probe) => file.path === probe.file.path && file.url === probe.file.url;
    if (this.#probes.some(isKnown)) return;
    this.#probes.push(probe);
    if (this.#probes.length > MOST_PROBES) this.#probes.shift();
  }

  async #probe(): Promise<void> {
    this.#hurried = false;
    this.#probing = true;
    this.#probedAt = Date.now();
    const isEarly = this.#isEarly;
    this.#publish();
    const result = await this.#ask();
    this.#probing = false;
    if (result.outcome === 'refused') {
      const refusal = refusedAgain(this.#refusal, result);
      if (isEarly) this.#refuseEarly(refusal);
      else {
        this.#times++;
        this.#close(refusal);
      }
    } else if (result.outcome === 'unclear' && this.#staysClosed()) {
      this.#closeFor(unclearMs(this.#waits));
    } else {
      this.#unclear = 0;
      this.#closed = undefined;
    }
    this.#publish();
    await this.#tellWaiters();
  }

  /** It is not its time yet: somebody is in a hurry. */
  get #isEarly(): boolean {
    return this.#closed !== undefined && Date.now() < this.#closed.until;
  }

  /** Whoever hurries learns what was known: that it is closed. It is so for longer only where the source says that. */
  #refuseEarly(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#unclear = 0;
    this.#closeFor(askedMs(refusal));
  }

  /** No answer before its time says nothing at all. */
  #staysClosed(): boolean {
    return this.#isEarly || ++this.#unclear < MOST_UNCLEAR;
  }

  async #ask(): Promise<ProbeResult> {
    const [probe = this.#refusal.probe, ...others] = this.#probes;
    this.#probes.splice(0, this.#probes.length, ...others, probe);
    try {
      return await probeActivities.probeSource.executeWithOptions(
        summarized(markdown`probe: ${shown(probe.file.path)}`),
        [{ gate: this.#input.gate, probe }],
      );
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { outcome: 'unclear' };
    }
  }

  /** Whoever is still there looks again, and is on the list again where that is needed. */
  async #tellWaiters(): Promise<void> {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    await Promise.allSettled(
      waiters.map((id) => getExternalWorkflowHandle(id).signal(gateMovedSignal, this.#input.gate)),
    );
  }

  /** To everybody who reads its memo, and to people. */
  #publish(): void {
    const { gate } = this.#input;
    const notice = this.#notice;
    const words = gateDetails(gate, notice, { probing: this.#probing, times: this.#times });
    const told = JSON.stringify([notice, words]);
    if (told === this.#told) return;
    this.#told = told;
    const { namespace, workflowId } = workflowInfo();
    const signedFor = { namespace, workflowId, type: GATE_MEMO };
    upsertMemo({ [GATE_MEMO]: madeFor(notice === undefined ? {} : { closed: notice }, signedFor) });
    showDetails(words);
  }

  get #notice(): GateNotice | undefined {
    if (this.#closed === undefined) return undefined;
    const { reason, detail } = this.#refusal;
    return { ...this.#closed, reason, detail, lookAgainMs: lookAgainMs(this.#waits) };
  }

  async #goOnAsNew(): Promise<void> {
    await condition(allHandlersFinished);
    await continueAsNew<typeof sourceGate>({ ...this.#input, state: this.state });
  }
}

/** What a probe was refused by; where its answer does not say, it is what was known before, but no wait. */
function refusedAgain(
  { retryAfterMs: _, ...before }: Refusal,
  { outcome: __, ...refused }: ProbeResult & { readonly outcome: 'refused' },
): Refusal {
  return { ...before, ...refused };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
