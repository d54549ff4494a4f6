import { programVersion } from '../../activities/report/versions.ts';
import { latestTimeline, readTimeline } from '../../activities/timeline/read-timeline.ts';
import { adviceFor, failedOutcomeOf, isFailureReason } from '../../domain/failure/reasons.ts';
import type { FailureGroup, RunFacts } from '../../domain/page/run-facts.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { describeRun } from '../../runs/foreign/describe-run.ts';
import { makeRunObserver, type RunObserver } from '../../runs/look-at-run.ts';
import { readMemo } from '../../runs/memo.ts';
import type { RunExecutionStatus } from '../../runs/run-snapshot.ts';
import { uiLink } from '../../runs/ui-link.ts';
import { advance, emptyProgressModel, liveTallies } from '../../terminal/progress-model.ts';
import { statusLines } from '../../terminal/status-text.ts';
import { startWorkerOf } from '../context/context.ts';
import type { Session } from '../context/session.ts';
import { contentOf } from './facts-of-folder.ts';
import { LiveContent } from './live-content.ts';
import type { ReportAsk } from './report-flags.ts';

/** Looks over which rates are taken. */
const WINDOW = 30;

/** A run on its server, as often as somebody looks. */
export class LiveRun {
  readonly #ask: ReportAsk;
  readonly #session: Session;
  readonly #workflowId: string;
  readonly #observer: RunObserver;
  readonly #content: LiveContent;
  #model = emptyProgressModel(WINDOW);
  /** Of the run by that id: the next one may be asked for something else. */
  #asked: { readonly runId: string; readonly what: Readonly<Record<string, unknown>> } | undefined;

  constructor(ask: ReportAsk, session: Session, workflowId: string) {
    this.#ask = ask;
    this.#session = session;
    this.#workflowId = workflowId;
    this.#content = new LiveContent(() => contentOf(ask));
    this.#observer = makeRunObserver({ client: session.connected.client, workflowId });
  }

  /** Rejects never: what cannot be read now is read later. */
  stop(): Promise<unknown> {
    return this.#content.settled();
  }

  /** The run in the Temporal UI. */
  get ui(): string | undefined {
    return uiLink(this.#session, this.#workflowId);
  }

  /** Of a run that is over: how it ended, in a word. Throws what the connection throws. */
  async look(): Promise<RunFacts | RunExecutionStatus> {
    const snapshot = await this.#observer.look();
    if (snapshot.status !== 'running') return snapshot.status;
    const { model, view } = advance(this.#model, snapshot);
    this.#model = model;
    const { out, context } = this.#ask;
    const kinds = liveTallies(snapshot);
    const run = await latestTimeline(out);
    const { selection } = snapshot.progress ?? {};
    return {
      ...{ version: programVersion, madeAt: new Date().toISOString(), versions: [], out, kinds },
      ...{ workflowId: this.#workflowId, status: view.paused ? 'paused' : 'running' },
      asked: await this.#whatWasAsked(snapshot.runId),
      selection: selection === undefined ? undefined : { words: selection.words },
      records: selection?.of,
      timeline: run === undefined ? [] : await readTimeline(out, run),
      failures: failuresOf(kinds),
      ...this.#content.now(),
      now: { lines: statusLines(snapshot, view, Date.now(), startWorkerOf(context)), ui: this.ui },
    };
  }

  async #whatWasAsked(runId: string): Promise<Readonly<Record<string, unknown>>> {
    if (this.#asked?.runId !== runId) {
      const described = await describeRun(this.#session.connected.client, this.#workflowId);
      const asked = parsedJson(readMemo(described)?.request ?? '');
      const what = asked !== null && typeof asked === 'object' ? (asked as Record<string, unknown>) : {};
      this.#asked = { runId, what };
    }
    return this.#asked.what;
  }
}

/** As far as a run tells of them before its report: how many, by reason. */
function failuresOf(kinds: ReturnType<typeof liveTallies>): RunFacts['failures'] {
  const groups = Object.entries(kinds).flatMap(([kind, { failures }]) =>
    Object.entries(failures).flatMap(([reason, { count }]): FailureGroup[] => {
      if (!isFailureReason(reason) || count === 0) return [];
      return [
        {
          ...{ kind, reason, count, retries: 0 },
          outcome: failedOutcomeOf(reason),
          whatToDo: adviceFor(reason),
        },
      ];
    }),
  );
  return { count: groups.reduce((sum, { count }) => sum + count, 0), groups, first: [] };
}
