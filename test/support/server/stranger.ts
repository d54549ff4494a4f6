import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { TestBench } from '../datasets/run-dataset.ts';
import { eventually } from '../eventually.ts';

type Payload = temporal.api.common.v1.IPayload;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Failure = temporal.api.failure.v1.IFailure;

/** An Activity that a stranger wants done on Task Queues of ours. */
export interface WantedActivity {
  readonly type: string;
  readonly taskQueue: string;
  readonly input: Payload | undefined;
}

const SCHEDULE_ACTIVITY_TASK = 1;
const SECONDS = 60;

/** JSON as it is written here, whatever that is. */
export function rawPayload(data: string | Uint8Array, encoding = 'json/plain'): Payload {
  return { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) };
}

export function payloadOf(value: unknown): Payload {
  return rawPayload(JSON.stringify(value));
}

/** Somebody who reaches the Temporal server and has no key. Every call is a plain one that any tool can make. */
export class Stranger {
  readonly #bench: TestBench;
  readonly #connection: Connection;
  readonly #polls = new AbortController();

  constructor(bench: TestBench) {
    this.#bench = bench;
    this.#connection = bench.connected.connection;
  }

  get namespace(): string {
    return this.#bench.connected.namespace;
  }

  handle(workflowId: string): WorkflowHandle {
    return this.#bench.connected.client.workflow.getHandle(workflowId);
  }

  async startWorkflow(type: string, input: Payload | undefined, workflowId = `stranger-${randomUUID()}`) {
    await this.#start(type, input, workflowId, this.#bench.taskQueue);
    return this.handle(workflowId);
  }

  async signal(workflowId: string, signalName: string, input: Payload | undefined): Promise<void> {
    await this.#connection.workflowService.signalWorkflowExecution({
      namespace: this.namespace,
      workflowExecution: { workflowId },
      signalName,
      input: { payloads: input === undefined ? [] : [input] },
      requestId: randomUUID(),
    });
  }

  /**
   * A workflow of the stranger's own, by any Workflow Id, whose Workflow Tasks the stranger answers: it has our workers do
   * these. Answers how each of them ended, in their order.
   */
  async schedule(
    wanted: readonly WantedActivity[],
    workflowId = `stranger-${randomUUID()}`,
  ): Promise<readonly (Failure | 'done')[]> {
    const own = `stranger-${randomUUID()}`;
    await this.#start('strange', undefined, workflowId, own);
    const { workflowService } = this.#connection;
    const { taskToken } = await this.#patiently(() =>
      workflowService.pollWorkflowTaskQueue({
        namespace: this.namespace,
        taskQueue: { name: own },
        identity: 'stranger',
      }),
    );
    await workflowService.respondWorkflowTaskCompleted({
      namespace: this.namespace,
      taskToken,
      commands: wanted.map(({ type, taskQueue, input }, at) => ({
        commandType: SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: String(at),
          activityType: { name: type },
          taskQueue: { name: taskQueue },
          input: { payloads: input === undefined ? [] : [input] },
          startToCloseTimeout: { seconds: SECONDS as never },
          heartbeatTimeout: { seconds: SECONDS as never },
          retryPolicy: { maximumAttempts: 1 },
        },
      })),
    });
    const ends = await eventually('an end of all Activities', async () => {
      const events = await this.events(workflowId);
      const ended = new Map(events.flatMap(endOf));
      return ended.size === wanted.length ? ended : undefined;
    });
    await this.handle(workflowId).terminate();
    const scheduled = (await this.events(workflowId)).flatMap(
      ({ eventId, activityTaskScheduledEventAttributes: attributes }) =>
        attributes ? [[Number(attributes.activityId), String(eventId)] as const] : [],
    );
    return scheduled.sort(([a], [b]) => a - b).map(([, eventId]) => ends.get(eventId) ?? 'done');
  }

  /** An Activity that belongs to no workflow. */
  async startActivity({ type, taskQueue, input }: WantedActivity): Promise<Failure | 'done' | undefined> {
    const activityId = `stranger-${randomUUID()}`;
    const { namespace } = this;
    const { workflowService } = this.#connection;
    await workflowService.startActivityExecution({
      namespace,
      identity: 'stranger',
      requestId: randomUUID(),
      activityId,
      activityType: { name: type },
      taskQueue: { name: taskQueue },
      input: { payloads: input === undefined ? [] : [input] },
      startToCloseTimeout: { seconds: SECONDS as never },
      retryPolicy: { maximumAttempts: 1 },
    });
    const { outcome } = await this.#patiently(() =>
      workflowService.pollActivityExecution({ namespace, activityId }),
    );
    return outcome?.failure ?? (outcome?.result ? 'done' : undefined);
  }

  /** Answers our Activities as a worker of ours would be asked to, until {@link leave}. */
  answer(answers: (type: string, workflowId: string) => unknown): void {
    const { workflowService } = this.#connection;
    const { namespace } = this;
    const poll = async () => {
      const { taskToken, activityType, workflowExecution } = await workflowService.pollActivityTaskQueue({
        namespace,
        taskQueue: { name: this.#bench.taskQueue },
        identity: 'stranger',
      });
      if (!activityType?.name) return;
      const answer = await answers(activityType.name, workflowExecution?.workflowId ?? '');
      const result = isPayload(answer) ? answer : payloadOf(answer ?? null);
      await workflowService.respondActivityTaskCompleted({
        namespace,
        taskToken,
        result: { payloads: [result] },
        identity: 'stranger',
      });
    };
    // A poll after the other listens to it.
    setMaxListeners(0, this.#polls.signal);
    void (async () => {
      while (!this.#polls.signal.aborted) {
        await this.#connection
          .withAbortSignal(this.#polls.signal, () => this.#patiently(poll))
          .catch(() => sleep(10));
      }
    })();
  }

  leave(): void {
    this.#polls.abort();
  }

  async events(workflowId: string): Promise<readonly HistoryEvent[]> {
    return (await this.handle(workflowId).fetchHistory()).events ?? [];
  }

  /** A poll must say how long it waits. */
  #patiently<T>(poll: () => Promise<T>): Promise<T> {
    return this.#connection.withDeadline(Date.now() + SECONDS * 1_000, poll);
  }

  async #start(
    type: string,
    input: Payload | undefined,
    workflowId: string,
    taskQueue: string,
  ): Promise<void> {
    await this.#connection.workflowService.startWorkflowExecution({
      namespace: this.namespace,
      workflowId,
      workflowType: { name: type },
      taskQueue: { name: taskQueue },
      input: { payloads: input === undefined ? [] : [input] },
      identity: 'stranger',
      requestId: randomUUID(),
    });
  }
}

/** By the event that scheduled it. */
function endOf(event: HistoryEvent): readonly (readonly [string, Failure | 'done'])[] {
  const failed = event.activityTaskFailedEventAttributes;
  if (failed) return [[String(failed.scheduledEventId), failed.failure ?? {}]];
  const timedOut = event.activityTaskTimedOutEventAttributes;
  if (timedOut) return [[String(timedOut.scheduledEventId), timedOut.failure ?? {}]];
  const done = event.activityTaskCompletedEventAttributes;
  return done ? [[String(done.scheduledEventId), 'done']] : [];
}

function isPayload(value: unknown): value is Payload {
  return value !== null && typeof value === 'object' && 'metadata' in value;
}
