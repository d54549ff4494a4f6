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
  return ApplicationFailure.nonRetryable('nothing waits for a quota or a closed source', 'Input.RetryNow');
}

/** A child's half: it ends its waits, and tells its run how many there were. */
export function endsWaitsWhenAsked(endWaits: () => number): void {
  const answer = async ({ question }: { readonly question: number }) => {
    const ended = endWaits();
    const { parent, workflowId: child } = workflowInfo();
    if (parent === undefined) return;
    try {
      await getExternalWorkflowHandle(parent.workflowId).signal(waitsEndedSignal, { child, question, ended });
    } catch {
      // Only for the answer to a command: a run that is gone gives none.
    }
  };
  setHandler(retryNowSignal, answer, { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
}

interface Question {
  /** Workflow Ids of who has not answered yet. */
  readonly unanswered: Set<string>;
  ended: number;
}

/** The questions to children that are open: end your waits, how many were there? */
export class HurriedChildren {
  readonly #open = new Map<number, Question>();
  #questions = 0;

  /** The number of the last one; a child that was starting then has not heard of it. */
  get lastQuestion(): number {
    return this.#questions;
  }

  /** @returns how many waits they ended, as far as they say so in time */
  async ask(children: readonly string[], tell: (question: number) => Promise<unknown>): Promise<number> {
    const number = ++this.#questions;
    const question: Question = { unanswered: new Set(children), ended: 0 };
    this.#open.set(number, question);
    try {
      await tell(number);
      await condition(() => question.unanswered.size === 0, LONGEST_ANSWER_MS);
    } finally {
      this.#open.delete(number);
    }
    return question.ended;
  }

  answered(child: string, number: number, ended: number): void {
    const question = this.#open.get(number);
    if (question?.unanswered.delete(child)) question.ended += ended;
  }

  /**
   * For a child that has closed: was it asked and had no time to hear it? Then whoever takes its result ends what waits in
   * there, and says how much.
   */
  closed(child: string, endWaits: () => number): void {
    for (const [number, { unanswered }] of this.#open)
      if (unanswered.has(child)) this.answered(child, number, endWaits());
  }
}
