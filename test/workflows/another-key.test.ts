import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import { pendingActivities } from '../../src/runs/pending-activities.ts';
import { startRun } from '../../src/runs/start-run.ts';
import { SigningCodec, sign } from '../../src/signing/signing-codec.ts';
import { connectNative, settingsForAddress } from '../../src/temporal/connection.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { testKey } from '../support/test-key.ts';
import { pendingActivities as pendingBundles } from '../support/watch-run.ts';
import { gateOf, gatesOf, refusalOf } from './gates/closed-gate.ts';

const otherKey = Buffer.alloc(32, 'another');
const sentence =
  /input \[workflow=\S+ type=\w+\]: expected a signature by this worker's key, got another; .*FFHQ_KEY_FILE/;

let dataset: ServedDataset;
let bench: TestBench;
let connection: NativeConnection;
beforeEach(async () => {
  dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  bench = await openBench();
  // The first of a process sets up what all of them use.
  await (await bench.startWorker(dataset)).shutdown();
  connection = await connectNative(settingsForAddress(bench.connected.address, 'default'));
});
afterEach(async () => {
  await connection?.close();
  await bench?.close();
  await dataset?.close();
});

/** Workflow Tasks of the queue, and no Activities. */
async function decide(key: Buffer): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    connection,
    taskQueue: bench.taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)) },
    dataConverter: { payloadCodecs: [new SigningCodec(key)] },
  });
  const ended = worker.run();
  return async () => {
    worker.shutdown();
    await ended;
  };
}

type Run = Pick<WorkflowHandle, 'describe' | 'fetchHistory'>;

async function pendingOf(run: Run) {
  return pendingActivities(bench.connected.client, (await run.describe()).raw);
}

async function taskFailures(run: Run): Promise<readonly string[]> {
  const { events } = await run.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed ? [failed.failure?.message ?? ''] : [],
  );
}

test('a run that is open when the key changes says so, and goes on where a worker has its key again', async () => {
  const ended = await decide(testKey);
  const run = await bench.startRun(dataset);
  await eventually('its first Activity', async () => (await pendingOf(run)).length > 0 || undefined);
  await ended();
  const left = await decide(otherKey);
  // Anything that makes a Workflow Task.
  await run.signal('handOver');
  const failures = await eventually('a failed Workflow Task', async () => {
    const failed = await taskFailures(run);
    return failed.length > 0 ? failed : undefined;
  });
  await left();
  for (const failure of failures) expect(failure).toMatch(sentence);
  expect((await run.describe()).status.name).toBe('RUNNING');
  const worker = await bench.startWorker(dataset);
  try {
    expect(await run.result()).toMatchObject({ status: 'complete' });
  } finally {
    await worker.shutdown();
  }
});

test.each<[string, (workflowId: string) => object]>([
  ['without a signature', () => ({ request: {} })],
  [
    'signed with a key of its own',
    (workflowId) => sign(otherKey, {}, { namespace: 'default', workflowId, type: 'buildDataset' }),
  ],
])('a workflow that a stranger starts %s, and begins, is gone on with by nobody', async (_how, inputFor) => {
  const { connection: own, namespace, client } = bench.connected;
  const workflowId = `stranger-${crypto.randomUUID()}`;
  const { taskQueue } = bench;
  const handle = await client.workflow.start('buildDataset', {
    workflowId,
    taskQueue,
    args: [inputFor(workflowId)],
  });
  const { taskToken } = await own.withDeadline(Date.now() + 60_000, () =>
    own.workflowService.pollWorkflowTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      identity: 'stranger',
    }),
  );
  await own.workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands: [] });
  const ended = await decide(testKey);
  await handle.signal('handOver');
  const [failure] = await eventually('a failed Workflow Task', async () => {
    const failed = await taskFailures(handle);
    return failed.length > 0 ? failed : undefined;
  });
  expect(failure).toMatch(
    /^input \[workflow=stranger-\S+ type=buildDataset\]: expected .*(signature|signed)/,
  );
  expect(await pendingOf(handle)).toEqual([]);
  await ended();
  await handle.terminate();
});

test('a gate that a worker with another key is given first stays closed: that worker does not end it', async () => {
  const gates = gatesOf(bench);
  const gate = gateOf(bench);
  const stray = await decide(otherKey);
  expect(await gates.refuse('google', refusalOf(dataset))).toBe(true);
  const [failure] = await eventually('a failed Workflow Task', async () => {
    const failed = await taskFailures(gate);
    return failed.length > 0 ? failed : undefined;
  });
  expect(failure).toMatch(sentence);
  await stray();
  expect((await gate.describe()).status.name).toBe('RUNNING');
  expect(await gates.read('google')).toMatchObject({ reason: 'blocked' });
  await gate.terminate('seen enough');
});

test('a worker with another key on the same Task Queue hands Activities back with a sentence: the run goes on', async () => {
  const ended = await decide(testKey);
  const run = await bench.startRun(dataset);
  await eventually('its first Activity', async () => (await pendingOf(run)).length > 0 || undefined);
  const stray = await bench.startWorker(dataset, { signingKey: otherKey });
  const [pending] = await eventually('an Activity that the stray worker met', async () => {
    const met = await pendingOf(run);
    return met.some(({ attempt, lastFailure }) => attempt > 1 && lastFailure) ? met : undefined;
  });
  expect(pending?.lastFailure).toMatch(/^Input\.NotSigned: /);
  expect(pending?.lastFailure).toMatch(sentence);
  await stray.shutdown();
  const worker = await bench.startWorker(dataset);
  try {
    expect(await run.result()).toMatchObject({ status: 'complete' });
  } finally {
    await worker.shutdown();
    await ended();
  }
});

test('folders of a terminated run that no worker with the new key can close hold up no run with that key', async () => {
  const { connected, taskQueue } = bench;
  for (const { filePath } of dataset.sample.files.values())
    dataset.drive.behave(dataset.idOf(filePath), { kind: 'drip', bytesPerSecond: 500 });
  const store = await ensureStore(dataset.out);
  const start = (signingKey: Buffer) =>
    startRun({
      client: connected.client,
      taskQueue,
      store,
      request: dataset.request,
      server: connected,
      takeOver: false,
      signingKey,
      searchAttributes: true,
    });
  // Its worker ends before its folders hear that the run did.
  const first = await start(otherKey);
  const worker = await bench.startWorker(dataset, { signingKey: otherKey });
  const child = `${first.workflowId}/thumbs/00000`;
  await eventually('a picture on its way', async () => (await pendingBundles(bench, [child])).length > 0);
  await worker.shutdown();
  await connected.client.workflow.getHandle(first.workflowId).terminate('in the UI');

  for (const { filePath } of dataset.sample.files.values())
    dataset.drive.behave(dataset.idOf(filePath), undefined);
  const second = await start(testKey);
  expect(second).toMatchObject({ how: 'started', left: [] });
  const next = await bench.startWorker(dataset);
  try {
    const run = connected.client.workflow.getHandle(second.workflowId, second.runId);
    expect(await run.result()).toMatchObject({ status: 'complete' });
  } finally {
    await next.shutdown();
  }
});
