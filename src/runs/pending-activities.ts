import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { readActivityProgress } from './foreign/read-answers.ts';
import type { PendingActivity } from './run-snapshot.ts';

type Described = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type Failure = temporal.api.failure.v1.IFailure;

/** PendingActivityState of the server's API. */
const STARTED = 2;
const CANCEL_REQUESTED = 3;

/** Pending Activities of a described workflow, with their heartbeat details decoded as the client decodes everything. */
export async function pendingActivities(client: Client, described: Described): Promise<PendingActivity[]> {
  return Promise.all(
    (described.pendingActivities ?? []).map(async (activity) => {
      const next = activity.nextAttemptScheduleTime ?? activity.scheduledTime;
      const state =
        activity.state === STARTED
          ? 'started'
          : activity.state === CANCEL_REQUESTED
            ? 'cancelling'
            : 'waiting';
      return {
        type: activity.activityType?.name ?? 'activity',
        attempt: activity.attempt ?? 1,
        state,
        nextAttemptAt: state === 'waiting' && next ? Number(next.seconds ?? 0) * 1000 : undefined,
        lastFailure: failureText(activity.lastFailure),
        worker: activity.lastWorkerIdentity || undefined,
        heartbeat: readActivityProgress(
          await firstPayload(client, activity.heartbeatDetails?.payloads ?? []),
        ),
      };
    }),
  );
}

/** `Type: message` of what an attempt ended with, innermost reason first where the outer one is only a wrapper. */
export function failureText(failure: Failure | null | undefined): string | undefined {
  if (!failure) return undefined;
  const type = failure.applicationFailureInfo?.type;
  const message = failure.message ?? '';
  return type ? `${type}: ${message}` : message;
}

async function firstPayload(client: Client, payloads: readonly Payload[]): Promise<unknown> {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  try {
    let decoded: Payload[] = [...payloads];
    for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
    const [first] = decoded;
    return first === undefined ? undefined : payloadConverter.fromPayload(first);
  } catch {
    // Details are for show; another version's must not end the display.
    return undefined;
  }
}
