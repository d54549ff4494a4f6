import { HandlerUnfinishedPolicy } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { SECOND } from '../domain/run/time-units.ts';
import { retryNowSignal, waitsEndedSignal } from './contract/messages.ts';

/** Nobody who gave the command waits longer for a child's answer. */
const LONGEST_ANSWER_MS = 10 * SECOND;

/** Ends waits at once where it can; answers how many. */
export type Hurries = () => number | Promise<number>;

/**
 * The run's half of `retry-now`: what can be hurried is, all of it before anything is awaited.
 *
 * @throws ApplicationFailure (of the Update, not of the run) when nothing waits
 */
export async function retryNow(hurries: readonly Hurries[], paused: boolean): Promise<string> {
  const ended = (await Promise.all(hurries.map(async (hurry) => hurry()))).reduce(
    (sum, more) => sum + more,
    0,
  );
  if (ended === 0) throw nothingWaits();
  const waits = ended === 1 ? '1 wait ended' : `${ended} waits ended`;
  return paused ? `${waits}; the run is paused, and asks again when it is resumed` : waits;
}

export function nothingWaits(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('nothing waits', 'Input.RetryNow');
}

/** A child's half: it ends its waits, and tells its run how many there were. */
export function endsWaitsWhenAsked(endWaits: () => number): void {
  const answer = async () => {
    const ended = endWaits();
    const { parent, workflowId: child } = workflowInfo();
    if (parent === undefined) return;
    try {
      await getExternalWorkflowHandle(parent.workflowId).signal(waitsEndedSignal, { child, ended });
    } catch {
      // Only for the answer to a command: a run that is gone gives none.
    }
  };
  setHandler(retryNowSignal, answer, { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
}

/** Who was asked to end its waits and has not answered yet. */
class Asked {
  readonly unanswered: Set<string>;
  ended = 0;

  constructor(children: readonly string[]) {
    this.unanswered = new Set(children);
  }

  answer(child: string, ended: number): void {
    if (this.unanswered.delete(child)) this.ended += ended;
  }
}

/** The questions to children that are open, by Workflow Id. Children answer in the order in which they were asked. */
export class HurriedChildren {
  readonly #open = new Set<Asked>();
  #questions = 0;

  /** How often was asked so far: a child that was starting then has not heard of it. */
  get questions(): number {
    return this.#questions;
  }

  /** @returns how many waits they ended, as far as they say so in time */
  async ask(children: readonly string[], tell: () => Promise<unknown>): Promise<number> {
    this.#questions++;
    const asked = new Asked(children);
    this.#open.add(asked);
    try {
      await tell();
      await condition(() => asked.unanswered.size === 0, LONGEST_ANSWER_MS);
    } finally {
      this.#open.delete(asked);
    }
    return asked.ended;
  }

  /** A child's answer to the first question that it has not answered. */
  answered(child: string, ended: number): void {
    this.#first(child)?.answer(child, ended);
  }

  /**
   * For a child that has closed: was it asked and had no time to hear it? Then whoever takes its result ends what waits in
   * there, and says how much.
   */
  closed(child: string, endWaits: () => number): void {
    for (let asked = this.#first(child); asked !== undefined; asked = this.#first(child))
      asked.answer(child, endWaits());
  }

  #first(child: string): Asked | undefined {
    return [...this.#open].find(({ unanswered }) => unanswered.has(child));
  }
}
