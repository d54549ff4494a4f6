import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { temporal } from '@temporalio/proto';
import type { Connected } from '../../../src/temporal/connection.ts';

/** The one that the client itself uses. */
const protobuf = createRequire(import.meta.resolve('@temporalio/proto'))('protobufjs/minimal') as {
  readonly util: { recursionLimit: number };
};

/** A run of which no client can be told: its Activity waits, and failed for a reason nested deeper than protobuf is read. */
export async function makeUnreadableRun(
  { connection }: Connected,
  workflowId = `ffhq-strange-${randomUUID()}`,
): Promise<string> {
  const { workflowService } = connection;
  const [namespace, name] = ['default', randomUUID()];
  const taskQueue = { name };
  await workflowService.startWorkflowExecution({
    namespace,
    workflowId,
    taskQueue,
    workflowType: { name: 'buildDataset' },
    requestId: randomUUID(),
  });
  const patiently = <T>(poll: () => Promise<T>) => connection.withDeadline(Date.now() + 60_000, poll);
  const { taskToken } = await patiently(() =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue }),
  );
  const day = { seconds: 86_400 as never };
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    commands: [
      {
        // SCHEDULE_ACTIVITY_TASK
        commandType: 1,
        scheduleActivityTaskCommandAttributes: {
          activityId: '1',
          activityType: { name: 'fetchBundle' },
          taskQueue,
          startToCloseTimeout: day,
          retryPolicy: { initialInterval: day, backoffCoefficient: 1 },
        },
      },
    ],
  });
  const asked = await patiently(() => workflowService.pollActivityTaskQueue({ namespace, taskQueue }));
  let failure: temporal.api.failure.v1.IFailure = { message: 'deep' };
  for (let level = 0; level < 150; level++)
    failure = { message: 'deep', applicationFailureInfo: { type: 'X' }, cause: failure };
  // This library writes no more levels than it reads; others do.
  const { recursionLimit } = protobuf.util;
  protobuf.util.recursionLimit = 1_000;
  const answered = workflowService.respondActivityTaskFailed({
    namespace,
    taskToken: asked.taskToken,
    failure,
  });
  protobuf.util.recursionLimit = recursionLimit;
  await answered;
  return workflowId;
}
