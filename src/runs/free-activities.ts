import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { isDeadProcessOfThisHost, workerIdentity } from '../temporal/identity.ts';

export interface FreeActivitiesOptions {
  readonly connection: Connection;
  readonly namespace: string;
  /** Open workflows to look at; those that are closed or unknown are passed over. */
  readonly workflowIds: readonly string[];
  /** One line for each workflow where something was freed, or could not be. */
  readonly onLine: (line: string) => void;
}

export interface FreedActivities {
  /** Activities taken from dead workers or out of the back-off that followed. */
  readonly freed: number;
}

type Pending = proto.temporal.api.workflow.v1.IPendingActivityInfo;
type Failure = proto.temporal.api.failure.v1.IFailure;
type Execution = proto.temporal.api.common.v1.IWorkflowExecution;

const { PendingActivityState, TimeoutType, EventType } = proto.temporal.api.enums.v1;
/**
 * Short, so that the server gives the attempt up at its next look, and of an odd length that nobody sets: an Activity
 * that is met with it was left so by a process that ended between shortening and restoring.
 */
const SHORT_MS = 1_009;
const POLL_MS = 50;
const GIVEN_UP_MS = 10_000;
const NOT_FOUND = 5;
const WORKFLOWS_AT_ONCE = 8;

/**
 * Frees Activities whose worker is a dead process of this host, which the server would notice only after their heartbeat
 * timeout: the timeout is shortened until the attempt is given up, then restored. Those that wait in a back-off because
 * their worker died or was stopped start at once. Other hosts' Activities, and those that wait for another reason (a
 * quota), are left alone.
 */
export async function freeActivitiesOfDeadWorkers(options: FreeActivitiesOptions): Promise<FreedActivities> {
  const queue = [...options.workflowIds];
  let freed = 0;
  const lane = async (): Promise<void> => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) freed += await freeIn(options, id);
  };
  await Promise.all(Array.from({ length: WORKFLOWS_AT_ONCE }, lane));
  return { freed };
}

async function freeIn(options: FreeActivitiesOptions, workflowId: string): Promise<number> {
  const { connection, namespace, onLine } = options;
  try {
    const described = await connection.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    });
    const execution = { workflowId, runId: described.workflowExecutionInfo?.execution?.runId ?? '' };
    const workflow = { ...options, execution };
    // Its next workflow task would wait for the worker that had the workflow in its cache.
    await connection.workflowService.resetStickyTaskQueue({ namespace, execution });
    const outcomes = await Promise.all(
      (described.pendingActivities ?? []).map((pending) => freeOne(workflow, pending)),
    );
    const freed = outcomes.filter((was) => was).length;
    if (freed > 0) onLine(`${workflowId}: ${freed} activities of ended workers go on at once`);
    return freed;
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return 0;
    // Not worth ending the command for: the heartbeat timeout frees them too, later.
    onLine(
      `${workflowId}: activities of ended workers wait for their heartbeat timeout: ${(error as Error).message}`,
    );
    return 0;
  }
}

interface Workflow extends FreeActivitiesOptions {
  readonly execution: Execution;
}

async function freeOne(workflow: Workflow, pending: Pending): Promise<boolean> {
  const id = pending.activityId ?? '';
  const found = timeoutOf(pending);
  const leftShort = found === SHORT_MS;
  const dead = isDeadProcessOfThisHost(pending.lastWorkerIdentity ?? '');
  const started = pending.state === PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
  if (!started) {
    if (leftShort) await scheduleNow(workflow, id);
    return dead && (leftShort || (await skipBackOff(workflow, pending)));
  }
  if (!dead && !leftShort) return false;
  const original = leftShort ? await scheduledTimeout(workflow, id) : found;
  if (!dead) {
    await setHeartbeatTimeout(workflow, id, original);
    return false;
  }
  let goesOn = false;
  try {
    await setHeartbeatTimeout(workflow, id, SHORT_MS);
    if (await untilGivenUp(workflow, pending)) {
      await scheduleNow(workflow, id);
      goesOn = true;
    }
  } finally {
    if (!goesOn) await restore(workflow, id, original);
  }
  return true;
}

/** With the short timeout left on it the Activity would be given up again and again, so this is tried more than once. */
async function restore(workflow: Workflow, id: string, original: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await setHeartbeatTimeout(workflow, id, original);
    } catch (error) {
      if ((error as { code?: unknown }).code === NOT_FOUND) return;
      if (attempt === 5) throw error;
      await sleep(attempt * 200);
    }
  }
}

async function setHeartbeatTimeout(workflow: Workflow, id: string, heartbeatMs: number): Promise<void> {
  const { connection, namespace, execution } = workflow;
  await connection.workflowService.updateActivityOptions({
    namespace,
    execution,
    identity: workerIdentity(),
    id,
    activityOptions: { heartbeatTimeout: msToTs(heartbeatMs) },
    updateMask: { paths: ['heartbeat_timeout'] },
  });
}

/** Waits until the dead worker's attempt is over; answers whether the Activity waits then, and is not gone or running. */
async function untilGivenUp(workflow: Workflow, before: Pending): Promise<boolean> {
  const { connection, namespace, execution } = workflow;
  const deadline = performance.now() + GIVEN_UP_MS;
  while (performance.now() < deadline) {
    await sleep(POLL_MS);
    const { pendingActivities } = await connection.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    const now = pendingActivities?.find(({ activityId }) => activityId === before.activityId);
    if (!now) return false;
    if (now.state !== before.state) return true;
    if (now.attempt !== before.attempt) return false;
  }
  return false;
}

async function skipBackOff(workflow: Workflow, pending: Pending): Promise<boolean> {
  const waits = pending.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;
  if (!waits || pending.paused || !endedByWorker(pending.lastFailure)) return false;
  const next = optionalTsToMs(pending.nextAttemptScheduleTime);
  if (next === undefined || next <= Date.now()) return false;
  await scheduleNow(workflow, pending.activityId ?? '');
  return true;
}

/**
 * Ends the back-off of an Activity that waits, with the timeouts that its workflow set. Both in one request: new timeouts
 * alone make the server schedule an attempt for 1970, if the last one was given up, and the worker drops it as too late.
 */
async function scheduleNow({ connection, namespace, execution }: Workflow, id: string): Promise<void> {
  await connection.workflowService.resetActivity({
    namespace,
    execution,
    identity: workerIdentity(),
    id,
    keepPaused: true,
    restoreOriginalOptions: true,
  });
}

/** Whether the last attempt failed for no reason of its own: its worker died, or was stopped in good order. */
function endedByWorker(failure: Failure | null | undefined): boolean {
  if (failure?.timeoutFailureInfo) {
    return failure.timeoutFailureInfo.timeoutType === TimeoutType.TIMEOUT_TYPE_HEARTBEAT;
  }
  for (let at = failure; at; at = at.cause) {
    if (at.message === 'WORKER_SHUTDOWN' || /worker is shutting down/i.test(at.message ?? '')) return true;
  }
  return false;
}

function timeoutOf(pending: Pending): number {
  return optionalTsToMs(pending.activityOptions?.heartbeatTimeout) ?? 0;
}

/** The heartbeat timeout with which the Activity was scheduled, from the history. */
async function scheduledTimeout(workflow: Workflow, id: string): Promise<number> {
  const { connection, namespace, execution } = workflow;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await connection.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    for (const event of page.history?.events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (event.eventType === EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED && scheduled?.activityId === id) {
        return optionalTsToMs(scheduled.heartbeatTimeout) ?? 0;
      }
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return 0;
}
