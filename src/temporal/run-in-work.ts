import type { NativeConnection } from '@temporalio/worker';
import { type RunLimits, readKeptLimits } from '../domain/limits/limits.ts';
import { workerIdentity } from './identity.ts';

/** PendingActivityState of the server's API. */
const STARTED = 2;

/** Milliseconds that one look may take. */
const CALL_MS = 5_000;

/** Types of the Activities that fetch. */
const FETCHING: ReadonlySet<string> = new Set(['fetchBundle', 'fetchRange']);

/** Children that are looked at: a run has no more than its window and its archives. */
const MOST_CHILDREN = 100;

type Described = Awaited<ReturnType<NativeConnection['workflowService']['describeWorkflowExecution']>>;

/**
 * A run's limits, from its memo, and which processes fetch for it. Nobody need answer for it: neither the run's workflow
 * nor other workers are asked. They are only counted where there is something to share.
 */
export async function lookAtRunInWork(
  connection: NativeConnection,
  namespace: string,
  workflowId: string,
): Promise<{ readonly limits: RunLimits; readonly workers: readonly string[] }> {
  const describe = (id: string): Promise<Described> =>
    connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId: id } }),
    );
  const run = await describe(workflowId);
  const { limits: payload } = run.workflowExecutionInfo?.memo?.fields ?? {};
  const limits = readKeptLimits(jsonOf(payload?.data)).now;
  if (limits.bandwidth === undefined && limits.requests === undefined)
    return { limits, workers: [workerIdentity()] };
  const ids = (run.pendingChildren ?? []).slice(0, MOST_CHILDREN).map((child) => child.workflowId ?? '');
  // One that has closed since has none.
  const children = await Promise.all(ids.map((id) => describe(id).catch((): Described => ({}) as Described)));
  const fetching = [run, ...children].flatMap(fetchersOf);
  return { limits, workers: [...new Set([workerIdentity(), ...fetching])] };
}

function fetchersOf({ pendingActivities }: Described): string[] {
  return (pendingActivities ?? [])
    .filter(({ state, activityType }) => state === STARTED && FETCHING.has(activityType?.name ?? ''))
    .map(({ lastWorkerIdentity }) => lastWorkerIdentity ?? '');
}

/** Anybody's: what is no JSON says nothing. */
function jsonOf(bytes: Uint8Array | null | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString());
  } catch {
    return undefined;
  }
}
