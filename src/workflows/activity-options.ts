import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, BundleActivities } from '../activities/index.ts';
import { type ShardKind, shardRow } from '../domain/kinds.ts';
import { taskQueueOf } from '../domain/run/task-queues.ts';
import { HOUR, MINUTE, SECOND } from '../domain/run/time-units.ts';

/** Every timeout and retry of the project. */

/**
 * - heartbeat: workers send one every 2 s (`maxHeartbeatThrottleInterval` in worker.ts), so ten lost ones in a row mean
 *   that the worker is gone.
 * - start-to-close: a bundle takes minutes, one GiB on a bad line an hour.
 * - retry: without `maximumAttempts`, because Temporal's counter also rises with kills, drains and waits; files count
 *   their own faults (activities/settle/bundle.ts). Failures that know their wait say so by `nextRetryDelay`; this
 *   back-off is for the others, capped because it, too, grows with every kill.
 * - cancellation: the workflow closes only after its Activities have stopped writing.
 */
const options = {
  startToCloseTimeout: 6 * HOUR,
  heartbeatTimeout: 20 * SECOND,
  retry: { initialInterval: 1 * SECOND, backoffCoefficient: 2, maximumInterval: 30 * SECOND },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} satisfies ActivityOptions;

export const activities = proxyActivities<Activities>(options);

/**
 * A source that gives no ranges gives 220 GB in one answer, which takes days on a bad line. Heartbeats tell that it lives;
 * to cut it off would only bring everything again.
 */
export const rangeActivities = proxyActivities<Pick<Activities, 'fetchRange'>>({
  ...options,
  startToCloseTimeout: 7 * 24 * HOUR,
});

/** What is done when a run ends anyhow: not worth more than a moment. */
export const lastActivities = proxyActivities<Activities>({ ...options, scheduleToCloseTimeout: 4 * SECOND });

/** A run's end waits for whoever is told of it, for a moment. */
const LONGEST_FAREWELL = 30 * SECOND;

const noticeRetry = {
  initialInterval: 2 * SECOND,
  backoffCoefficient: 2,
  maximumInterval: 10 * MINUTE,
};

/** Whoever is told may be away for long; nothing waits for it. */
export const noticeActivities = proxyActivities<Pick<Activities, 'sendNotice'>>({
  ...options,
  retry: noticeRetry,
  scheduleToCloseTimeout: 24 * HOUR,
});

/** At the end of a run, which waits for it. */
export const lastNoticeActivities = proxyActivities<Pick<Activities, 'sendNotice'>>({
  ...options,
  retry: noticeRetry,
  scheduleToCloseTimeout: LONGEST_FAREWELL,
});

/** One request of a gate: a worker that dies with it, or a source that does not answer, is told to the gate, which waits. */
export const probeActivities = proxyActivities<Pick<Activities, 'probeSource'>>({
  startToCloseTimeout: 90 * SECOND,
  retry: { maximumAttempts: 1 },
});

/** The Activity that settles bundles of a kind, on the Task Queue whose slots are what the kind works on. */
export function bundleActivity(kind: ShardKind): typeof activities.fetchBundle {
  const { settledBy, taskQueue } = shardRow(kind);
  const queue = taskQueueOf(workflowInfo().taskQueue, taskQueue);
  return proxyActivities<BundleActivities>({ ...options, taskQueue: queue })[settledBy];
}
