import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunPlan } from '../../../src/domain/run/activity-inputs.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import type { BuildDatasetInput, ManifestSummary } from '../../../src/domain/run/workflow-inputs.ts';
import type { Milestones } from './recording.ts';

type ServerHistory = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type ServerEvent = NonNullable<ServerHistory['events']>[number];
type Payloads = { readonly payloads?: Parameters<typeof defaultPayloadConverter.fromPayload>[0][] | null };

/** What the server has of the last run of a workflow. */
export async function runOnServer(
  client: Client,
  workflowId: string,
): Promise<{ readonly context: RunContext; readonly milestones: Milestones }> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const first = events?.[0]?.workflowExecutionStartedEventAttributes;
  const { store, owner, request } = firstOf<BuildDatasetInput>(first?.input);
  return { context: { store, owner, request, run: runId }, milestones: milestonesOf(events ?? []) };
}

function milestonesOf(events: readonly ServerEvent[]): Milestones {
  const names = new Map<string, string>();
  const finished: { shard: string; time: number }[] = [];
  let manifest: ManifestSummary | undefined;
  let planned: Milestones['planned'];
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const child = event.childWorkflowExecutionCompletedEventAttributes;
    if (child) {
      const shard = (child.workflowExecution?.workflowId ?? '').split('/').slice(1).join('/');
      finished.push({ shard, time: timeOf(event) });
    }
    const completed = event.activityTaskCompletedEventAttributes;
    const name = completed ? names.get(String(completed.scheduledEventId)) : undefined;
    if (name === 'loadManifest') manifest = firstOf<ManifestSummary>(completed?.result);
    if (name !== 'planRun' || manifest === undefined) continue;
    planned = { time: timeOf(event), manifest, shards: firstOf<RunPlan>(completed?.result).shards };
  }
  return { started: events[0] === undefined ? 0 : timeOf(events[0]), planned, finished };
}

function timeOf({ eventTime }: ServerEvent): number {
  return Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9;
}

function firstOf<Value>(payloads: Payloads | null | undefined): Value {
  const [payload] = payloads?.payloads ?? [];
  if (payload === undefined) throw new Error('history: expected a payload, got none');
  return defaultPayloadConverter.fromPayload<Value>(payload);
}
