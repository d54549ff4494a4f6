import { randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { atFile } from '../../activities/folders/held-folder.ts';
import { programVersion } from '../../activities/report/versions.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';
import { policyOf } from '../../domain/page/document.ts';
import type { RunFacts } from '../../domain/page/run-facts.ts';
import { runPage } from '../../domain/page/run-page.ts';
import { workflowIdOf } from '../../runs/workflow-id.ts';
import { openSession, type Session } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { endedRun, isAway } from './facts-of-folder.ts';
import { FOLLOW } from './follow-script.ts';
import { LiveRun } from './live-run.ts';
import { servePage } from './page-server.ts';
import type { ReportAsk } from './report-flags.ts';

/** However many tabs ask: a run is looked at no more often than this. */
const LOOK_MS = 1_000;

/** `--watch`: the page of the folder's run on the loopback, as of now whenever it is asked for, until Ctrl-C. */
export async function watchReport(ask: ReportAsk): Promise<ExitCode> {
  const { context, out, display, flags } = ask;
  const store = await context.services.findStore(out);
  if (store === undefined)
    throw refused(`folder [${out}]: expected a dataset folder with .ffhq/store.json, got none`);
  const workflowId = workflowIdOf(store);
  const session = await sessionIfAny(ask);
  const live = session === undefined ? undefined : new LiveRun(ask, session, workflowId);
  try {
    const ended = new EndedRuns(ask);
    const key = randomBytes(16).toString('base64url');
    const page = atMostEvery(LOOK_MS, async () =>
      runPage(await factsNow(ask, live, ended, workflowId), { script: FOLLOW, key }),
    );
    const served = await serve(flags.port, page, key);
    display.say(
      { event: 'report', url: served.url, ui: live?.ui },
      `page: ${served.url} (Ctrl-C ends it; it is for this machine and this user)`,
    );
    await aborted(context.interrupt);
    await served.close();
    return exitCodes.complete;
  } finally {
    await live?.stop();
    await session?.close();
  }
}

/** Without a server there is what the folder says. */
async function sessionIfAny({ context, values, display }: ReportAsk): Promise<Session | undefined> {
  try {
    return await openSession(context, readConnectionFlags(values), display, {
      without: 'refuse',
      quiet: true,
    });
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(';');
    const text = `${reason}; the page shows what the folder says`;
    display.say({ event: 'note', text }, text);
    return undefined;
  }
}

async function serve(port: number, page: () => Promise<string>, key: string) {
  try {
    return await servePage(port, page, policyOf(FOLLOW), key);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw refused(`flag [--port]: expected a free port, got ${port}, which another program has`);
  }
}

/** What a run that is over left is made into facts once: a pass over 70,000 records takes seconds. */
class EndedRuns {
  readonly #ask: ReportAsk;
  #known: { readonly stamp: string; readonly facts: RunFacts | undefined } | undefined;

  constructor(ask: ReportAsk) {
    this.#ask = ask;
  }

  async now(): Promise<RunFacts | undefined> {
    const stamp = await stampOf(join(this.#ask.out, statePaths.reportJson));
    if (this.#known?.stamp !== stamp) this.#known = { stamp, facts: await endedRun(this.#ask) };
    return this.#known.facts;
  }
}

/** Another one for another report. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await atFile(path, (file) => lstat(file));
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (isAway(error)) return '';
    throw error;
  }
}

async function factsNow(
  { out }: ReportAsk,
  live: LiveRun | undefined,
  ended: EndedRuns,
  workflowId: string,
): Promise<RunFacts> {
  const lines: string[] = [];
  try {
    const seen = await live?.look();
    if (typeof seen === 'object') return seen;
    if (seen !== undefined && seen !== 'completed') lines.push(`The last run of this folder: ${seen}.`);
  } catch (error) {
    // It knows of no run, or does not answer: the folder may know more.
    const reason = error instanceof Error ? error.message : String(error);
    lines.push(`The Temporal server tells nothing of the run now: ${reason}`);
  }
  const facts = await ended.now();
  const now = { lines, ui: live?.ui };
  if (facts !== undefined) return { ...facts, now };
  return {
    ...{ version: programVersion, madeAt: new Date().toISOString(), out, workflowId, now },
    ...{ status: 'no report yet', kinds: {}, asked: {}, versions: [], timeline: [], faces: [] },
    failures: { count: 0, groups: [], first: [] },
  };
}

/** Who asks while it is being made, or shortly after, gets the same. */
function atMostEvery<Result>(ms: number, make: () => Promise<Result>): () => Promise<Result> {
  let made: { readonly at: number; readonly result: Promise<Result> } | undefined;
  return () => {
    if (made === undefined || performance.now() - made.at > ms) {
      const result = make();
      made = { at: Number.POSITIVE_INFINITY, result };
      const done = () => {
        made = { at: performance.now(), result };
      };
      result.then(done, done);
    }
    return made.result;
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
