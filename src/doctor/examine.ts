import { setTimeout as sleep } from 'node:timers/promises';
import { runAlone } from '../activities/alone/run-alone.ts';
import { type Check, certificates, checks } from './checks.ts';
import { findClock } from './clock.ts';
import { type Answer, type Clock, type Finding, problem } from './finding.ts';
import type { Question } from './question.ts';
import { said } from './said.ts';

/** Checks at a time: each is a process. */
const AT_A_TIME = 4;

/** Milliseconds after which one that still runs only waits, and is in nobody's way. */
const BUSY_MS = 1_500;

export interface ExamineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends all checks. */
  readonly signal: AbortSignal;
}

/**
 * Every finding, in the order of the table, as soon as it is there. This process asks no disk, no network and no server
 * itself: each check does so in a process of its own, which is left alone when it does not answer in time.
 */
export async function* examine(question: Question, options: ExamineOptions): AsyncGenerator<Finding> {
  const { network } = question;
  const certified =
    network.caFile === undefined ? Promise.resolve(nothing) : answerOf(certificates, question, options);
  const answers: Promise<Answer>[] = [];
  const turns: Promise<unknown>[] = [];
  for (const [at, check] of checks.entries()) {
    const turn = turns[at - AT_A_TIME] ?? Promise.resolve();
    const answer = turn.then(async () => {
      const { certificates: caCertificates = [] } = check.needsCertificates ? await certified : nothing;
      return answerOf(check, { ...question, network: { ...network, caCertificates } }, options);
    });
    answers.push(answer);
    turns.push(turn.then(() => Promise.race([answer, sleep(BUSY_MS, undefined, { ref: false })])));
  }
  const clocks: Clock[] = [];
  for (const answer of [...answers, certified]) {
    const { findings, clocks: seen = [] } = await answer;
    yield* findings;
    clocks.push(...seen);
  }
  yield findClock(clocks);
}

const nothing: Answer = { findings: [] };

/** Never rejects, and never waits for a process that does not end. */
async function answerOf(check: Check, question: Question, { env, signal }: ExamineOptions): Promise<Answer> {
  const { name, module, patienceMs, silence, asked } = check;
  const end = new AbortController();
  const onAbort = () => end.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<Answer>((resolve) => {
    const found = `no answer in ${patienceMs / 1000} s: ${silence.means}`;
    timer = setTimeout(() => resolve({ findings: [problem(name, found, silence.todo)] }), patienceMs);
    end.signal.addEventListener('abort', () => resolve(nothing), { once: true });
  });
  const input = { ...question, ...(asked === undefined ? {} : { asked }) };
  const answer = runAlone<Answer>(moduleOf(module), input, end.signal, env).catch((error): Answer => {
    const found = `expected an answer, got ${said(error)}`;
    return {
      findings: [problem(name, found, 'report it, if the machine is well: `ffhq --version`, and this line')],
    };
  });
  try {
    if (signal.aborted) return nothing;
    return await Promise.race([answer, silent]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    end.abort();
  }
}

/** Processes run the compiled program, also when this file runs from its TypeScript source. */
function moduleOf(name: string): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL(`../../dist/doctor/checks/${name}.js`, import.meta.url)
    : new URL(`./checks/${name}.js`, import.meta.url);
}
