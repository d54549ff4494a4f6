import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { FileKind } from '../domain/kinds.ts';
import { fileKinds } from '../domain/kinds.ts';
import { noLimits } from '../domain/limits/limits.ts';
import { failingTaskOf } from './failing-task.ts';
import { describeRun, openChildrenOf } from './foreign/describe-run.ts';
import { readChildProgress, readRunProgress } from './foreign/read-answers.ts';
import { readMemo } from './memo.ts';
import { pendingActivities } from './pending-activities.ts';
import type { ChildSnapshot, RunExecutionStatus, RunSnapshot } from './run-snapshot.ts';
import { someWorkerPolls } from './worker-polls.ts';

/** Looks at one run again and again, asking workers only for what changed. */
export interface RunObserver {
  /** Throws what the connection throws when the server does not answer within the deadline. */
  look(): Promise<RunSnapshot>;
}

/** No call waits longer: the display must not freeze with the server. */
const CALL_MS = 5_000;
/** A Query costs server and worker a task; between two of them the heartbeats tell what is going on. */
const QUERY_EVERY_MS = 2_500;
/** Of another version, or of somebody else. */
const UNKNOWN_ANSWER = 'its answer is none that this version knows';
/** Pollers are asked for at most this often. */
const POLLERS_EVERY_MS = 5_000;

interface Remembered<Answer> {
  historyLength: number;
  askedAt: number;
  answer: Answer | undefined;
  problem: string | undefined;
  asking: Promise<void> | undefined;
}

/** `queryWaitMs`: how long a look waits for new answers of workers before it goes on with the last known ones. */
export function makeRunObserver(options: {
  readonly client: Client;
  readonly workflowId: string;
  readonly queryWaitMs?: number;
}): RunObserver {
  const { client, workflowId, queryWaitMs = 800 } = options;
  const memory = new Map<string, Remembered<unknown>>();
  let pollers: { at: number; polls: boolean | undefined } = {
    at: Number.NEGATIVE_INFINITY,
    polls: undefined,
  };

  const within = <Result>(call: () => Promise<Result>): Promise<Result> =>
    client.connection.withDeadline(Date.now() + CALL_MS, call);

  /** The answer as of this history; a question that is still open is not asked twice. */
  const ask = async <Answer>(
    id: string,
    query: 'progress' | 'childProgress',
    read: (answer: unknown) => Answer | undefined,
    key: string,
    historyLength: number,
  ): Promise<Remembered<Answer>> => {
    const known = (memory.get(key) as Remembered<Answer> | undefined) ?? {
      historyLength: -1,
      askedAt: Number.NEGATIVE_INFINITY,
      answer: undefined,
      problem: undefined,
      asking: undefined,
    };
    memory.set(key, known);
    const isDue = performance.now() - known.askedAt > QUERY_EVERY_MS;
    if (known.historyLength !== historyLength && known.asking === undefined && isDue) {
      known.askedAt = performance.now();
      known.asking = within(() => client.workflow.getHandle(id).query<unknown>(query))
        .then((answer) => {
          const understood = read(answer);
          known.answer = understood ?? known.answer;
          known.problem = understood === undefined ? UNKNOWN_ANSWER : undefined;
          known.historyLength = historyLength;
        })
        .catch((error: unknown) => {
          known.problem = reasonOf(error);
        })
        .finally(() => {
          known.asking = undefined;
        });
    }
    if (known.asking !== undefined) await Promise.race([known.asking, wait(queryWaitMs)]);
    return known;
  };

  const lookAtChild = async (id: string): Promise<ChildSnapshot | undefined> => {
    try {
      const described = await within(() => describeRun(client, id, { run: workflowId }));
      const [own, activities, failingTask] = await Promise.all([
        ask(id, 'childProgress', readChildProgress, `${id} ${described.runId}`, described.historyLength),
        pendingActivities(client, described.raw),
        failingTaskOf(client, described, within),
      ]);
      return {
        workflowId: id,
        kind: kindOfChild(workflowId, id),
        progress: own.answer,
        activities,
        failingTask,
      };
    } catch (error) {
      // It closed between two questions.
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  };

  return {
    async look() {
      const described = await within(() => describeRun(client, workflowId));
      const isOpen = statusOf(described) === 'running';
      const children = isOpen ? openChildrenOf(described) : [];
      const key = `${workflowId} ${described.runId}`;
      for (const known of memory.keys()) {
        if (known !== key && !children.some((id) => known.startsWith(`${id} `))) memory.delete(known);
      }
      const [own, activities, snapshots] = await Promise.all([
        // A closed run says in its result where it ended.
        isOpen ? ask(workflowId, 'progress', readRunProgress, key, described.historyLength) : undefined,
        pendingActivities(client, described.raw),
        Promise.all(children.map(lookAtChild)),
      ]);
      if (isOpen && performance.now() - pollers.at > POLLERS_EVERY_MS) {
        pollers = {
          at: performance.now(),
          polls: await within(() => someWorkerPolls(client, described.taskQueue)).catch(() => undefined),
        };
      }
      const open = snapshots.filter((child) => child !== undefined);
      const ownFailing = isOpen ? await failingTaskOf(client, described, within) : undefined;
      return {
        takenAt: performance.now(),
        workflowId,
        runId: described.runId,
        status: statusOf(described),
        taskQueue: described.taskQueue,
        startedAt: described.startTime,
        progress: own?.answer,
        stale: own?.problem,
        children: open,
        activities,
        limits: readMemo(described)?.limits?.now ?? noLimits,
        workerPolls: isOpen ? pollers.polls : undefined,
        failingTask: ownFailing ?? open.find((child) => child.failingTask !== undefined)?.failingTask,
      };
    },
  };
}

/** `<run>/<kind>/<name>`; Workflow Ids of others than our children have no kind. */
function kindOfChild(run: string, child: string): FileKind | undefined {
  const [kind] = child.slice(run.length + 1).split('/');
  return fileKinds.find((known) => known === kind);
}

function statusOf(described: WorkflowExecutionDescription): RunExecutionStatus {
  switch (described.status.name) {
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed out';
    default:
      return 'running';
  }
}

/** The client wraps what the server said into a sentence of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms).unref());
}
