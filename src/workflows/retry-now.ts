import { HandlerUnfinishedPolicy } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { SECOND } from '../domain/run/time-units.ts';
import { bothHurried, type Hurried, hurriedWords, notHurried } from '../domain/waits/hurried.ts';
import { retryNowSignal, waitsEndedSignal } from './contract/messages.ts';

/** Nobody who gave the command waits longer for a child's answer. */
const LONGEST_ANSWER_MS = 10 * SECOND;

/** Ends waits at once where it can; answers what came of it. */
export type Hurries = () => Hurried | Promise<Hurried>;

/**
 * The run's half of `retry-now`: what can be hurried is, all of it before anything is awaited.
 *
 * @throws ApplicationFailure (of the Update, not of the run) when nothing waits, or what waits goes on waiting
 */
export async function retryNow(hurries: readonly Hurries[], paused: boolean): Promise<string> {
  const { ended, kept } = hurriedWords(await allHurried(hurries));
  if (ended === undefined) throw kept === undefined ? nothingWaits() : notNow(kept);
  const words = kept === undefined ? ended : `${ended}; ${kept}`;
  return paused ? `${words}; the run is paused, and asks again when it is resumed` : words;
}

/** All of them before anything is awaited. */
async function allHurried(hurries: readonly Hurries[]): Promise<Hurried> {
  const all = await Promise.all(hurries.map(async (hurry) => hurry()));
  return all.reduce(bothHurried, notHurried);
}

function notNow(words: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(words, 'Input.RetryNow');
}

export function nothingWaits(): ApplicationFailure {
  return notNow('nothing waits for a quota or a closed source');
}

/** A child's half: it ends its waits, and tells its run what came of it. */
export function endsWaitsWhenAsked(...hurries: readonly Hurries[]): void {
  const answer = async ({ question }: { readonly question: number }) => {
    const hurried = await allHurried(hurries);
    const { parent, workflowId: child } = workflowInfo();
    if (parent === undefined) return;
    try {
      await getExternalWorkflowHandle(parent.workflowId).signal(waitsEndedSignal, {
        child,
        question,
        ...hurried,
      });
    } catch {
      // Only for the answer to a command: a run that is gone gives none.
    }
  };
  setHandler(retryNowSignal, answer, { unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON });
}

interface Question {
  /** Workflow Ids of who has not answered yet. */
  readonly unanswered: Set<string>;
  hurried: Hurried;
}

/** The questions to children that are open: end your waits, what came of it? */
export class HurriedChildren {
  readonly #open = new Map<number, Question>();
  #questions = 0;

  /** The number of the last one; a child that was starting then has not heard of it. */
  get lastQuestion(): number {
    return this.#questions;
  }

  /** @returns what came of it, as far as they say so in time */
  async ask(children: readonly string[], tell: (question: number) => Promise<unknown>): Promise<Hurried> {
    const number = ++this.#questions;
    const question: Question = { unanswered: new Set(children), hurried: notHurried };
    this.#open.set(number, question);
    try {
      await tell(number);
      await condition(() => question.unanswered.size === 0, LONGEST_ANSWER_MS);
    } finally {
      this.#open.delete(number);
    }
    return question.hurried;
  }

  answered(child: string, number: number, hurried: Hurried): void {
    const question = this.#open.get(number);
    if (question?.unanswered.delete(child)) question.hurried = bothHurried(question.hurried, hurried);
  }

  /**
   * For a child that has closed: was it asked and had no time to hear it? Then whoever takes its result ends what waits in
   * there, and says how much.
   */
  closed(child: string, endWaits: () => number): void {
    for (const [number, { unanswered }] of this.#open)
      if (unanswered.has(child)) this.answered(child, number, { ended: endWaits() });
  }
}
