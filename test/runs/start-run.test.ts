import { cp, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { readOwner } from '../../src/activities/store/owner.ts';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import type { StoreRef } from '../../src/domain/run/request.ts';
import { WORKFLOW_VERSION } from '../../src/domain/run/run.ts';
import { makeRunObserver } from '../../src/runs/look-at-run.ts';
import { readMemo } from '../../src/runs/memo.ts';
import { requireRun } from '../../src/runs/require-run.ts';
import { endOfRun } from '../../src/runs/run-end.ts';
import type { StartRunOptions } from '../../src/runs/start-run.ts';
import { startRun } from '../../src/runs/start-run.ts';
import { terminateRun } from '../../src/runs/terminate-run.ts';
import { workflowIdOf } from '../../src/runs/workflow-id.ts';
import {
  type Connected,
  connectClient,
  connectNative,
  settingsForAddress,
} from '../../src/temporal/connection.ts';
import { advance, emptyProgressModel } from '../../src/terminal/progress-model.ts';
import { statusLines } from '../../src/terminal/status-text.ts';
import { cameraCard } from '../support/disks/camera-card.ts';
import { eventually } from '../support/eventually.ts';
import { requestOf } from '../support/request-of.ts';
import {
  failTaskUnreadably,
  makeUnreadable,
  makeUnreadableChild,
  makeUnreadableRun,
  makeUnreadableStart,
} from '../support/server/unreadable-run.ts';
import { testKey } from '../support/test-key.ts';

const request = requestOf({
  kinds: ['images'],
  manifest: { name: 'official' },
  license: { name: 'official' },
  numAttempts: 10,
});

let connected: Connected;
let out: string;
let store: StoreRef;

beforeAll(async () => {
  connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
});
afterAll(() => connected.connection.close());

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'ffhq-start-'));
  store = await ensureStore(out);
});
afterEach(async () => {
  // Whatever was refused is not there.
  if ((await statusName().catch(() => 'none')) === 'RUNNING')
    await terminateRun(connected.client, workflowIdOf(store), 'test is over');
  await rm(out, { recursive: true });
});

/** No worker polls this queue: runs stay as they are. */
function start(part: Partial<StartRunOptions> = {}) {
  return startRun({
    client: connected.client,
    taskQueue: `nobody-${store.id}`,
    store,
    request,
    server: connected,
    takeOver: false,
    signingKey: testKey,
    searchAttributes: true,
    stopMs: 300,
    ...part,
  });
}

async function statusName(): Promise<string> {
  return (await connected.client.workflow.getHandle(workflowIdOf(store)).describe()).status.name;
}

test('a request whose URL may hold a secret is refused before the server hears of it', async () => {
  const source = { name: 'http-mirror', baseUrl: 'https://mirror.example/?token=hunter2' };
  const refused = start({ request: { ...request, source } }).catch((error: unknown) => String(error));
  expect(await refused).toMatch(/request \[source\.baseUrl\]: expected a URL without .* FFHQ_TOKENS/);
  expect(await refused).not.toContain('hunter2');
  await expect(statusName()).rejects.toThrow(/not found/i);
});

test('the Workflow Id says folder and store', async () => {
  const run = await start();
  expect(run).toMatchObject({
    how: 'started',
    workflowId: `ffhq-${out.split('/').at(-1)}-${store.id.slice(0, 8)}`,
  });
});

test('the same request while it is open attaches to it', async () => {
  const first = await start();
  const again = await start({ request: { ...request, kinds: [...request.kinds] }, taskQueue: 'another' });
  expect(again).toEqual({ ...first, how: 'attached' });
});

test('two commands at the same moment start one run', async () => {
  const runs = await Promise.all([start(), start(), start()]);
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
  expect(runs.filter(({ how }) => how === 'started')).toHaveLength(1);
});

test('another request while one is open is refused, naming the open run and how to stop it', async () => {
  const { workflowId } = await start();
  const other = start({ request: { ...request, kinds: ['thumbs'] } });
  await expect(other).rejects.toMatchObject({ exitCode: 2 });
  await expect(other).rejects.toThrow(workflowId);
  await expect(other).rejects.toThrow('ffhq cancel --out');
});

test.each([
  { source: { name: 's3\u001b[31m' } },
  { source: { name: 'local-dir', path: 5 } },
  { source: null },
  { kinds: ['video'] },
])(
  'an open run that asks for what this version does not know (%j) is refused all the same',
  async (asked) => {
    const workflowId = workflowIdOf(store);
    await connected.client.workflow.start('buildDataset', {
      workflowId,
      taskQueue: `nobody-${store.id}`,
      memo: {
        version: WORKFLOW_VERSION,
        request: JSON.stringify({ ...request, ...asked }),
        out,
        storeId: store.id,
      },
    });
    const refusal = await start().catch((error: Error) => error);
    expect(refusal).toMatchObject({ exitCode: 2 });
    const { message } = refusal as Error;
    expect(message).toContain(workflowId);
    expect(message).toContain('ffhq cancel --out');
    expect(message).not.toContain('\u001b');
  },
);

test('an open run that was started with another key is refused at once, naming it, the key and how to end it', async () => {
  const signingKey = Buffer.alloc(32, 'a key that was lost');
  const { workflowId } = await start({ signingKey });
  const refusal = start();
  await expect(refusal).rejects.toMatchObject({ exitCode: 2 });
  await expect(refusal).rejects.toThrow(
    new RegExp(
      `^run \\[${workflowId}\\]: expected an open run that was started with this key, got one that was started with another\n` +
        `.*FFHQ_KEY_FILE.*nothing of the files: ffhq cancel --force --out ${out}$`,
    ),
  );
  expect(await statusName()).toBe('RUNNING');
  expect(await start({ signingKey })).toMatchObject({ workflowId, how: 'attached' });
  await terminateRun(connected.client, workflowId, 'ffhq cancel --force');
  expect(await start()).toMatchObject({ workflowId, how: 'started' });
});

test('a run of which no client can be told is refused with how to end it, and a new one starts once it is ended', async () => {
  const workflowId = await makeUnreadableRun(connected, workflowIdOf(store));
  const refusal = start();
  await expect(refusal).rejects.toMatchObject({ exitCode: 2 });
  await expect(refusal).rejects.toThrow(`ffhq cancel --force ${workflowId}`);
  await terminateRun(connected.client, workflowId, 'ffhq cancel --force');
  const run = await eventually('the server to know of the end', () => start().catch(() => undefined));
  expect(run).toMatchObject({ how: 'started', workflowId });
});

test('a folder of a terminated run that hears nothing any more is ended, since the new run needs its id', async () => {
  const { workflowId } = await start();
  const [readable, child] = [`${workflowId}/thumbs/00000`, `${workflowId}/images/00000`];
  await makeUnreadableChild(connected, `nobody-${store.id}`, child);
  await connected.client.workflow.getHandle(workflowId).terminate('in the UI');
  expect(await start()).toMatchObject({ how: 'started', left: [] });
  await eventually('its end', () => isTerminated(child));
  expect(await isTerminated(readable)).toBe(false);
});

test('a run of which no client can be told is ended with its folders', async () => {
  const { workflowId } = await start();
  const child = `${workflowId}/images/00000`;
  await makeUnreadableChild(connected, `nobody-${store.id}`, child);
  await makeUnreadable(connected, `nobody-${store.id}`, workflowId);
  await expect(start()).rejects.toThrow(`ffhq cancel --force ${workflowId}`);
  await terminateRun(connected.client, workflowId, 'ffhq cancel --force');
  await eventually('the end of both', async () => (await isTerminated(workflowId)) && isTerminated(child));
});

/** A run of nobody's, and a folder that the run before it left. */
async function runAfterOneThatLeft(): Promise<{ readonly workflowId: string; readonly child: string }> {
  const { workflowId } = await start();
  const child = `${workflowId}/images/00000`;
  await makeUnreadableChild(connected, `nobody-${store.id}`, child);
  const { workflow } = connected.client;
  await workflow.getHandle(workflowId).terminate('in the UI');
  await workflow.start('buildDataset', { workflowId, taskQueue: 'nobody', args: [] });
  return { workflowId, child };
}

test('folders that an earlier run than the last one left are ended where no worker goes on with them', async () => {
  const { workflowId, child } = await runAfterOneThatLeft();
  await connected.client.workflow.getHandle(workflowId).terminate('in the UI');
  expect(await start()).toMatchObject({ how: 'started', left: [] });
  await eventually('its end', () => isTerminated(child));
});

test('`cancel --force` ends the folders of earlier runs too', async () => {
  const { workflowId, child } = await runAfterOneThatLeft();
  await terminateRun(connected.client, workflowId, 'ffhq cancel --force');
  await eventually('its end', () => isTerminated(child));
});

test('a run of which nobody can read how it began holds up no new one once it is ended', async () => {
  const workflowId = workflowIdOf(store);
  await makeUnreadableStart(connected, workflowId);
  await terminateRun(connected.client, workflowId, 'ffhq cancel --force');
  expect(await start()).toMatchObject({ how: 'started', workflowId });
});

test('a run whose Workflow Task somebody answers so that nobody can read it says how to end it', async () => {
  const { workflowId } = await start();
  await failTaskUnreadably(connected, `nobody-${store.id}`);
  const observer = makeRunObserver({ client: connected.client, workflowId });
  const failing = await eventually('the failing task', async () => (await observer.look()).failingTask);
  expect(failing?.cause).toContain('ffhq cancel --force');
});

async function isTerminated(workflowId: string): Promise<boolean> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Terminated'`;
  return (await connected.client.workflow.count(query)).count === 1;
}

test('after a run was terminated, a new one starts under the same id and says so', async () => {
  const first = await start();
  await terminateRun(connected.client, first.workflowId, 'test');
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const second = await start({ request: { ...request, kinds: ['thumbs'] }, onLine });
  expect(second.how).toBe('started');
  expect(second.runId).not.toBe(first.runId);
  expect(lines).toEqual([
    'the last run of this folder was terminated: this one goes on from what is on the disk',
  ]);
});

test("an older version's run is ended and begun anew", async () => {
  const workflowId = workflowIdOf(store);
  const old = await connected.client.workflow.start('buildDataset', {
    workflowId,
    taskQueue: `nobody-${store.id}`,
    memo: { version: WORKFLOW_VERSION - 1, request: '{}', out, storeId: store.id },
  });
  const run = await start();
  expect(run.how).toBe('renewed');
  expect(run.runId).not.toBe(old.firstExecutionRunId);
  expect(
    (await connected.client.workflow.getHandle(workflowId, old.firstExecutionRunId).describe()).status.name,
  ).toBe('TERMINATED');
});

test('the UI and every command can read what was asked and where it goes, without a worker', async () => {
  const { workflowId } = await start();
  const described = await connected.client.workflow.getHandle(workflowId).describe();
  expect(readMemo(described)).toMatchObject({
    out: store.path,
    storeId: store.id,
    version: WORKFLOW_VERSION,
  });
  expect(await described.staticSummary()).toBe('download json, images from Google Drive');
  expect(await described.staticDetails()).toContain(store.path);
});

test('a look at a run that nobody works on says so, and stays quick', async () => {
  const { workflowId } = await start();
  const startedAt = performance.now();
  const seen = await makeRunObserver({ client: connected.client, workflowId, queryWaitMs: 100 }).look();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(seen).toMatchObject({ status: 'running', workerPolls: false, progress: undefined, children: [] });
});

test('a run whose Workflow Task fails again and again is shown as what it is', async () => {
  const { workflowId, taskQueue } = await start();
  // That it fails is what is wanted here.
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const connection = await connectNative(settingsForAddress(inject('temporalAddress'), 'default'));
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('fixtures/failing-workflow.ts', import.meta.url)),
  });
  const stop = new AbortController();
  const running = worker.runUntil(
    new Promise<void>((done) => stop.signal.addEventListener('abort', () => done())),
  );
  try {
    const observer = makeRunObserver({ client: connected.client, workflowId, queryWaitMs: 100 });
    const seen = await eventually('its second failure', async () => {
      const looked = await observer.look();
      return looked.failingTask === undefined ? undefined : looked;
    });
    expect(seen.status).toBe('running');
    expect(seen.failingTask).toMatchObject({ workflowId, cause: expect.stringContaining('cannot go on') });
    const { view } = advance(emptyProgressModel(2), seen);
    expect(statusLines(seen, view, Date.now()).join('\n')).toMatch(/^stuck: the Workflow Task of .* fails/m);
  } finally {
    stop.abort();
    await running;
    await connection.close();
  }
});

test('the end of a terminated run is told as that, and an unknown run is refused', async () => {
  const { workflowId } = await start();
  await terminateRun(connected.client, workflowId, 'enough');
  expect(await endOfRun(connected.client, workflowId)).toEqual({ status: 'terminated', message: 'enough' });
  await expect(requireRun(connected.client, 'ffhq-nowhere-00000000')).rejects.toMatchObject({ exitCode: 2 });
});

test('a copy of a folder, which has its id, is no place for its open run; the folder under another name is', async () => {
  const { workflowId } = await start();
  const copy = join(out, 'copies', basename(out));
  await cp(join(out, '.ffhq'), join(copy, '.ffhq'), { recursive: true });
  const refusal = await start({ store: { ...store, path: copy } }).catch((error: Error) => error);
  expect(refusal).toMatchObject({ exitCode: 2 });
  for (const words of [copy, out, workflowId, 'store.json'])
    expect((refusal as Error).message).toContain(words);
  const elsewhere = join(out, 'mounts', basename(out));
  await mkdir(dirname(elsewhere));
  await symlink(out, elsewhere);
  expect(await start({ store: { ...store, path: elsewhere } })).toMatchObject({
    how: 'attached',
    workflowId,
  });
});

test('an open run whose folder another run took over and left has its mark again when its command is given', async () => {
  const { runId } = await start();
  expect(await readOwner(out)).toBeUndefined();
  expect(await start()).toMatchObject({ how: 'attached', runId });
  expect(await readOwner(out)).toMatchObject({ workflowId: workflowIdOf(store), run: runId });
});

test('a folder that was moved while its run was open is no copy: a new run goes on there', async () => {
  const { workflowId } = await start();
  const moved = join(out, 'moved', basename(out));
  await cp(join(out, '.ffhq'), join(moved, '.ffhq'), { recursive: true });
  await rm(join(out, '.ffhq'), { recursive: true });
  const again = await start({ store: { ...store, path: moved } });
  expect(again).toMatchObject({ how: 'renewed', workflowId });
});

test('a folder whose inode numbers are others after a mount is the same wherever it is mounted: its run goes on', async (context) => {
  const card = cameraCard();
  if (card === undefined) return context.skip();
  store = await ensureStore(join(card.folder, 'out'));
  for (const name of ['0', '1', '2']) await mkdir(join(card.folder, name));
  const { workflowId, runId } = await start();
  const described = await connected.client.workflow.getHandle(workflowId).describe();
  expect(readMemo(described)).not.toHaveProperty('folder');
  const { ino } = await stat(join(store.path, '.ffhq'));

  const path = join(card.mountElsewhere(['0', '1', '2']), 'out');
  expect((await stat(join(path, '.ffhq'))).ino).not.toBe(ino);
  expect(await start({ store: { ...store, path } })).toMatchObject({ how: 'attached', runId });
});

test('a folder that is seen over a network, with inode numbers of its own, is no copy: its run goes on', async (context) => {
  const card = cameraCard();
  if (card === undefined) return context.skip();
  const { runId } = await start();
  const path = join(card.folder, basename(out));
  await cp(out, path, { recursive: true });
  expect(await start({ store: { ...store, path } })).toMatchObject({ how: 'attached', runId });
});
