import { condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { isTooLong } from '../domain/chain/patience.ts';
import { type GateKey, type GateReason, gateName } from '../domain/failure/source-gate.ts';
import { OpenLooks, restMs } from '../domain/gate/looks.ts';
import type { GateNotice } from '../domain/gate/source-gate.ts';
import { type Markdown, markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { Wait } from '../domain/run/progress.ts';
import { HOUR, SECOND } from '../domain/run/time-units.ts';
import { type Hurried, notHurried } from '../domain/waits/hurried.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { activities } from './activity-options.ts';
import { childWaitsSignal } from './contract/messages.ts';
import type { PauseGate } from './pause-gate.ts';

/** Whatever a gate says, somebody looks once a day. */
const LONGEST_WAIT = 30 * HOUR;

/** Nobody who gave the command waits longer for the gate's answer. */
const LONGEST_ANSWER_MS = 10 * SECOND;

/** Why gates are closed, where the gate itself does not say. */
const usualReasons: Readonly<Record<GateKey, GateReason>> = {
  google: 'blocked',
  'google-api': 'daily-limit',
};

/** Somebody's, until it is answered. */
interface Hurry {
  taken?: boolean;
}

/**
 * How a workflow waits at the gate of a source: it looks, and waits until it is told that the gate moved, or, told nothing,
 * looks again when the gate's time is over. Whatever stands in a gate's place, it takes its time between two looks. No Activity is open meanwhile and no slot is held.
 */
export class RunGate {
  readonly #pause: PauseGate;
  readonly #onChange: () => void;
  readonly #isLong: () => boolean;
  readonly #patienceMs: number;
  #met: GateKey | undefined;
  #moved = false;
  #hurry: Hurry | undefined;
  readonly #openLooks = new OpenLooks();
  #wait: Wait | undefined;
  #toldAt = 0;

  /**
   * @param pause waits end with a pause: afterwards its gate is come to once more
   * @param patienceMs of a gate that is closed for longer in all nobody waits: another source is asked
   * @param isLong is the history so long that the workflow should go on as new?
   */
  constructor(
    pause: PauseGate,
    onChange: () => void,
    patienceMs: number,
    isLong: () => boolean = () => false,
  ) {
    this.#patienceMs = patienceMs;
    this.#pause = pause;
    this.#onChange = onChange;
    this.#isLong = isLong;
  }

  /** An Activity came to a closed gate: nothing more is begun. */
  get isMet(): boolean {
    return this.#met !== undefined;
  }

  get waits(): readonly Wait[] {
    return this.#wait === undefined ? [] : [this.#wait];
  }

  meet(gate: GateKey | undefined): void {
    if (gate !== undefined) this.#met = gate;
  }

  /** Told by the gate. */
  moved(): void {
    this.#moved = true;
  }

  /** Somebody wants the source to be asked now. */
  async hurry(): Promise<Hurried> {
    if (this.#wait === undefined) return notHurried;
    this.#hurry ??= {};
    const hurry = this.#hurry;
    await condition(() => hurry.taken !== undefined, LONGEST_ANSWER_MS);
    return hurry.taken ? { ended: 0, asked: true } : { ended: 0, kept: true };
  }

  /** Until the gate that was met is open or closed for too long, a pause came, or the history is too long. */
  async untilOpen(): Promise<void> {
    const gate = this.#met;
    this.#met = undefined;
    if (gate === undefined) return;
    let seen: GateNotice | undefined;
    let inVain = 0;
    try {
      while (this.#pause.open && !this.#isLong()) {
        const isHurried = this.#hurry !== undefined;
        const closed = await this.#look(gate);
        if (closed === undefined) {
          if (seen !== undefined || (await this.#rests(gate))) return;
          continue;
        }
        if (isTooLong(closed, this.#patienceMs)) return;
        // A person's looks slow nobody down.
        if (closed.until !== seen?.until) inVain = 0;
        else if (!isHurried) inVain++;
        seen = closed;
        await this.#show(waitOf(gate, closed));
        await this.#untilNews(closed, restMs(inVain));
      }
    } finally {
      this.#answerHurry(this.#hurry, false);
      await this.#show(undefined);
    }
  }

  async #look(gate: GateKey): Promise<GateNotice | undefined> {
    this.#moved = false;
    const hurry = this.#hurry;
    const { closed, hurried } = await activities.lookAtGate.executeWithOptions(
      summarized(markdown`${shown(gateName(gate))}: open?`),
      [{ gate, waiter: workflowInfo().workflowId, ...(hurry ? { hurry: true } : {}) }],
    );
    this.#answerHurry(hurry, hurried ?? closed === undefined);
    return closed;
  }

  #answerHurry(hurry: Hurry | undefined, taken: boolean): void {
    if (hurry === undefined) return;
    hurry.taken = taken;
    if (this.#hurry === hurry) this.#hurry = undefined;
  }

  /**
   * The gate says that it is open, and somebody came to it closed: it opened just now, or a worker holds by itself what it
   * could not tell the gate. False: somebody is in a hurry.
   */
  async #rests(gate: GateKey): Promise<boolean> {
    const ms = this.#openLooks.rest(Date.now());
    const until = Date.now() + ms;
    const { since } = this.#openLooks;
    const reason = usualReasons[gate];
    if (ms > restMs(0)) await this.#show(waitOf(gate, { reason, since, until }));
    await this.#newsOr(() => false, ms, waitSummary(reason, until));
    return this.#hurry === undefined;
  }

  async #untilNews({ reason, until, lookAgainMs }: GateNotice, leastMs: number): Promise<void> {
    const lookedAt = Date.now();
    const left = Math.min(LONGEST_WAIT, until + lookAgainMs - lookedAt);
    const summary = waitSummary(reason, until);
    await this.#newsOr(() => this.#moved, Math.max(lookAgainMs, left, leastMs), summary);
    // Told at once, by whomever: it does not look at anybody's pace.
    await this.#newsOr(() => false, lookedAt + leastMs - Date.now(), summary);
  }

  /** Waits so long (ms) at most: less for what is named, for a hurry and for a pause. */
  async #newsOr(isTold: () => boolean, ms: number, summary: Markdown): Promise<void> {
    const isOver = () => isTold() || this.#hurry !== undefined || !this.#pause.open;
    if (ms > 0 && !isOver()) await condition(isOver, ms, summarized(summary));
  }

  /** The run shows and tells what its children wait for; a run that is just closing does not take it any more. */
  async tellRun(wait: Wait | undefined): Promise<void> {
    const { parent, workflowId } = workflowInfo();
    if (parent === undefined) return;
    this.#toldAt = Math.max(Date.now(), this.#toldAt + 1);
    const told = { name: workflowId, at: this.#toldAt, ...(wait === undefined ? {} : { wait }) };
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(childWaitsSignal, told)
      .catch(() => {});
  }

  async #show(wait: Wait | undefined): Promise<void> {
    if (JSON.stringify(wait) === JSON.stringify(this.#wait)) return;
    this.#wait = wait;
    this.#onChange();
    await this.tellRun(wait);
  }
}

function waitOf(
  gate: GateKey,
  { reason, since, until }: Pick<GateNotice, 'reason' | 'since' | 'until'>,
): Wait {
  return { what: `every file of ${gateName(gate)}`, reason, until: iso(until), since: iso(since) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
