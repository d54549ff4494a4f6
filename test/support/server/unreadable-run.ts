import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { temporal } from '@temporalio/proto';
import type { Connected } from '../../../src/temporal/connection.ts';

/** The one that the client itself uses. */
const protobuf = createRequire(import.meta.resolve('@temporalio/proto'))('protobufjs/minimal') as {
  readonly util: { recursionLimit: number };
};

const namespace = 'default';
const DAY = { seconds: 86_400 as never };

type Command = temporal.api.command.v1.ICommand;

/** A run of which no client can be told: its Activity waits, and failed for a reason nested deeper than protobuf is read. */
export async function makeUnreadableRun(
  connected: Connected,
  workflowId = `ffhq-strange-${randomUUID()}`,
): Promise<string> {
  const queue = randomUUID();
  await connected.connection.workflowService.startWorkflowExecution({
    namespace,
    workflowId,
    taskQueue: { name: queue },
    workflowType: { name: 'buildDataset' },
    requestId: randomUUID(),
  });
  await answerDeep(connected, queue);
  return workflowId;
}

/** The same of a run that is there, and that nobody but this works for. */
export async function makeUnreadable(
  connected: Connected,
  queueOfRun: string,
  workflowId: string,
): Promise<void> {
  await connected.client.workflow.getHandle(workflowId).signal('anything');
  await answerDeep(connected, queueOfRun);
}

/** Such a child of a run that nobody but this works for. */
export async function makeUnreadableChild(
  connected: Connected,
  queueOfRun: string,
  workflowId: string,
): Promise<void> {
  const queue = randomUUID();
  await decide(connected, queueOfRun, {
    // START_CHILD_WORKFLOW_EXECUTION
    commandType: 11,
    startChildWorkflowExecutionCommandAttributes: {
      namespace,
      workflowId,
      workflowType: { name: 'processShard' },
      taskQueue: { name: queue },
      // REQUEST_CANCEL
      parentClosePolicy: 3,
    },
  });
  await answerDeep(connected, queue);
}

/** In place of a worker: the next Workflow Task of a queue. */
async function decide({ connection }: Connected, queue: string, command: Command): Promise<void> {
  const { workflowService } = connection;
  const { taskToken } = await connection.withDeadline(Date.now() + 60_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: queue } }),
  );
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands: [command] });
}

async function answerDeep(connected: Connected, queue: string): Promise<void> {
  const taskQueue = { name: queue };
  await decide(connected, queue, {
    // SCHEDULE_ACTIVITY_TASK
    commandType: 1,
    scheduleActivityTaskCommandAttributes: {
      activityId: '1',
      activityType: { name: 'fetchBundle' },
      taskQueue,
      startToCloseTimeout: DAY,
      retryPolicy: { initialInterval: DAY, backoffCoefficient: 1 },
    },
  });
  const { connection } = connected;
  const { taskToken } = await connection.withDeadline(Date.now() + 60_000, () =>
    connection.workflowService.pollActivityTaskQueue({ namespace, taskQueue }),
  );
  await beyondLimits(() =>
    connection.workflowService.respondActivityTaskFailed({ namespace, taskToken, failure: deep() }),
  );
}

/** Nested deeper than protobuf is read. */
function deep(): temporal.api.failure.v1.IFailure {
  let failure: temporal.api.failure.v1.IFailure = { message: 'deep' };
  for (let level = 0; level < 150; level++)
    failure = { message: 'deep', applicationFailureInfo: { type: 'X' }, cause: failure };
  return failure;
}

/** This library writes no more levels than it reads; others do. */
async function beyondLimits<Result>(call: () => Promise<Result>): Promise<Result> {
  const { recursionLimit } = protobuf.util;
  protobuf.util.recursionLimit = 1_000;
  const called = call();
  protobuf.util.recursionLimit = recursionLimit;
  return called;
}

/** A run of which no client can read how it began: somebody said of it that it goes on after such a failure. */
export async function makeUnreadableStart({ connection }: Connected, workflowId: string): Promise<void> {
  await beyondLimits(() =>
    connection.workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      taskQueue: { name: randomUUID() },
      workflowType: { name: 'buildDataset' },
      requestId: randomUUID(),
      continuedFailure: deep(),
    }),
  );
}

/** A run whose Workflow Task somebody answers so. */
export async function failTaskUnreadably({ connection }: Connected, queue: string): Promise<void> {
  const { workflowService } = connection;
  const { taskToken } = await connection.withDeadline(Date.now() + 60_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: queue } }),
  );
  await beyondLimits(() =>
    workflowService.respondWorkflowTaskFailed({ namespace, taskToken, cause: 1, failure: deep() }),
  );
}
