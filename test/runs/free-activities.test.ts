import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freeActivitiesOfDeadWorkers } from '../../src/runs/free-activities.ts';
import { type EmbeddedServer, ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { type Connected, connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { eventually } from '../support/eventually.ts';
import { type Child, startChild } from '../support/server/child.ts';
import { type ServerFolders, serverFolders } from '../support/server/server-folders.ts';
import type { HoldMode } from './fixtures/hold-workflow.ts';

type Pending = proto.temporal.api.workflow.v1.IPendingActivityInfo;
const { PENDING_ACTIVITY_STATE_STARTED: STARTED, PENDING_ACTIVITY_STATE_SCHEDULED: SCHEDULED } =
  proto.temporal.api.enums.v1.PendingActivityState;

// Each test starts processes that load the whole SDK: many seconds on a machine that is busy.
vi.setConfig({ testTimeout: 240_000 });

/** As the workflow sets them. */
const HEARTBEAT_MS = 30_000;
const BACK_OFF_MS = 20_000;

let own: ServerFolders;
let bundle: string;
let server: EmbeddedServer;
let connected: Connected;
const children: Child[] = [];

beforeAll(async () => {
  own = serverFolders();
  const workflowsPath = fileURLToPath(new URL('./fixtures/hold-workflow.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  bundle = join(own.folder, 'hold-workflow.js');
  writeFileSync(bundle, code);
  server = await ensureEmbeddedServer({ config: own.config, onLine: () => {} });
  connected = await connectClient(settingsForAddress(server.address, 'default'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill('SIGKILL')));
});
afterAll(async () => {
  await connected?.connection.close();
  await server?.release();
  await own?.remove();
});

async function worker(role: 'hold' | 'finish'): Promise<Child> {
  const child = startChild(new URL('fixtures/hold-worker.ts', import.meta.url), [
    server.address,
    bundle,
    role,
  ]);
  children.push(child);
  await child.line(/^polling$/);
  return child;
}

async function pendingOf(workflowId: string): Promise<Pending> {
  const { pendingActivities } = await connected.connection.workflowService.describeWorkflowExecution({
    namespace: 'default',
    execution: { workflowId },
  });
  const [pending] = pendingActivities ?? [];
  if (!pending) throw new Error(`expected a pending Activity of ${workflowId}, got none`);
  return pending;
}

/** A workflow whose Activity's first attempt is under way, or over. */
async function start(workflowId: string, mode: HoldMode): Promise<Child> {
  const first = await worker('hold');
  await connected.client.workflow.start('holdOne', { taskQueue: 'hold', workflowId, args: [mode] });
  await first.line(/^attempt 1$/);
  await eventually('a heartbeat', async () => Boolean((await pendingOf(workflowId)).heartbeatDetails));
  return first;
}

function free(workflowIds: readonly string[], lines: string[] = []): Promise<{ freed: number }> {
  const { connection, namespace } = connected;
  return freeActivitiesOfDeadWorkers({
    connection,
    namespace,
    workflowIds,
    onLine: (line) => lines.push(line),
  });
}

const heartbeatMs = (pending: Pending): number | undefined =>
  optionalTsToMs(pending.activityOptions?.heartbeatTimeout);

test('an Activity whose worker was killed runs again in seconds, not after its heartbeat timeout', async () => {
  const killed = await start('killed', 'until killed');
  await killed.kill('SIGKILL');
  const second = await worker('finish');
  const from = Date.now();
  const lines: string[] = [];
  expect(await free(['killed', 'unknown'], lines)).toEqual({ freed: 1 });
  expect(lines).toEqual(['killed: 1 activities of ended workers go on at once']);
  await second.line(/^attempt/);
  await connected.client.workflow.getHandle('killed').result();
  expect(Date.now() - from).toBeLessThan(HEARTBEAT_MS / 2);
});

test('what was shortened is restored, also when the process that shortened it was killed', async () => {
  const killed = await start('restored', 'until killed');
  expect(heartbeatMs(await pendingOf('restored'))).toBe(HEARTBEAT_MS);
  await killed.kill('SIGKILL');
  await free(['restored']);
  const restored = await pendingOf('restored');
  expect(restored.state).toBe(SCHEDULED);
  expect(heartbeatMs(restored)).toBe(HEARTBEAT_MS);
  // As a process leaves it that is killed in the middle.
  await connected.connection.workflowService.updateActivityOptions({
    namespace: 'default',
    execution: { workflowId: 'restored' },
    id: restored.activityId ?? '',
    activityOptions: { heartbeatTimeout: msToTs(1_009) },
    updateMask: { paths: ['heartbeat_timeout'] },
  });
  expect(heartbeatMs(await pendingOf('restored'))).toBe(1_009);
  await free(['restored']);
  expect(heartbeatMs(await pendingOf('restored'))).toBe(HEARTBEAT_MS);
  await connected.client.workflow.getHandle('restored').terminate();
});

test('the Activity of a living worker is left alone', async () => {
  const living = await start('living', 'until killed');
  expect(await free(['living'])).toEqual({ freed: 0 });
  const pending = await pendingOf('living');
  expect(pending).toMatchObject({ state: STARTED, attempt: 1 });
  expect(heartbeatMs(pending)).toBe(HEARTBEAT_MS);
  await connected.client.workflow.getHandle('living').terminate();
  await living.kill('SIGKILL');
});

test('the Activity of a worker that was stopped in good order does not wait for its back-off', async () => {
  const stopped = await start('drained', 'until killed');
  await stopped.kill('SIGTERM');
  expect((await pendingOf('drained')).state).toBe(SCHEDULED);
  const second = await worker('finish');
  const from = Date.now();
  expect(await free(['drained'])).toEqual({ freed: 1 });
  await second.line(/^attempt/);
  expect(Date.now() - from).toBeLessThan(BACK_OFF_MS / 2);
  await connected.client.workflow.getHandle('drained').result();
});

test('an Activity that waits for a quota goes on waiting', async () => {
  const killed = await start('quota', 'quota').catch(() => undefined);
  const before = await eventually('the wait', async () => {
    const pending = await pendingOf('quota');
    return pending.state === SCHEDULED && pending.attempt === 2 && pending;
  });
  await killed?.kill('SIGKILL');
  expect(await free(['quota'])).toEqual({ freed: 0 });
  expect((await pendingOf('quota')).nextAttemptScheduleTime).toEqual(before.nextAttemptScheduleTime);
  await connected.client.workflow.getHandle('quota').terminate();
});
