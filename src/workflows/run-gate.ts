import { condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { type GateKey, gateName } from '../domain/failure/source-gate.ts';
import type { GateNotice } from '../domain/gate/source-gate.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { Wait } from '../domain/run/progress.ts';
import { HOUR } from '../domain/run/time-units.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { activities } from './activity-options.ts';
import { childWaitsSignal } from './contract/messages.ts';
import type { PauseGate } from './pause-gate.ts';

/** Whatever a gate says, somebody looks once a day. */
const LONGEST_WAIT = 30 * HOUR;

/**
 * How a workflow waits at the gate of a source: it looks, and waits until it is told that the gate moved, or, told nothing,
 * looks again when the gate's time is over. No Activity is open meanwhile and no slot is held.
 */
export class RunGate {
  readonly #pause: PauseGate;
  readonly #onChange: () => void;
  readonly #isLong: () => boolean;
  #met: GateKey | undefined;
  #moved = false;
  #hurried = false;
  #wait: Wait | undefined;

  /**
   * @param pause waits end with a pause: afterwards its gate is come to once more
   * @param isLong is the history so long that the workflow should go on as new?
   */
  constructor(pause: PauseGate, onChange: () => void, isLong: () => boolean = () => false) {
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

  /** Somebody wants the source to be asked now; answers how many waits that concerns. */
  hurry(): number {
    if (this.#wait === undefined) return 0;
    this.#hurried = true;
    return 1;
  }

  /** Until the gate that was met is open, a pause came, or the history is too long. */
  async untilOpen(): Promise<void> {
    const gate = this.#met;
    this.#met = undefined;
    if (gate === undefined) return;
    try {
      while (this.#pause.open && !this.#isLong()) {
        this.#moved = false;
        const hurry = this.#hurried ? { hurry: true as const } : {};
        this.#hurried = false;
        const { closed } = await activities.lookAtGate.executeWithOptions(
          summarized(markdown`${shown(gateName(gate))}: open?`),
          [{ gate, waiter: workflowInfo().workflowId, ...hurry }],
        );
        if (closed === undefined) return;
        await this.#show(waitOf(gate, closed));
        if (!this.#moved && !this.#hurried) await this.#untilNews(closed);
      }
    } finally {
      await this.#show(undefined);
    }
  }

  async #untilNews({ reason, until, lookAgainMs }: GateNotice): Promise<void> {
    const left = Math.min(LONGEST_WAIT, until + lookAgainMs - Date.now());
    await condition(
      () => this.#moved || this.#hurried || !this.#pause.open,
      Math.max(lookAgainMs, left, 1_000),
      summarized(waitSummary(reason, until)),
    );
  }

  async #show(wait: Wait | undefined): Promise<void> {
    if (JSON.stringify(wait) === JSON.stringify(this.#wait)) return;
    this.#wait = wait;
    this.#onChange();
    await tellRun(wait);
  }
}

function waitOf(gate: GateKey, { reason, since, until }: GateNotice): Wait {
  return { what: `every file of ${gateName(gate)}`, reason, until: iso(until), since: iso(since) };
}

/** The run shows and tells what its children wait for; a run that is just closing does not take it any more. */
export async function tellRun(wait: Wait | undefined): Promise<void> {
  const { parent, workflowId } = workflowInfo();
  if (parent === undefined) return;
  const told = { name: workflowId, ...(wait === undefined ? {} : { wait }) };
  await getExternalWorkflowHandle(parent.workflowId)
    .signal(childWaitsSignal, told)
    .catch(() => {});
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
