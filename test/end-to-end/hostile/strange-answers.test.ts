import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import { SigningCodec } from '../../../src/signing/signing-codec.ts';
import { connectNative, settingsForAddress } from '../../../src/temporal/connection.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { requestOf } from '../../support/request-of.ts';
import { payloadOf, rawPayload, Stranger } from '../../support/server/stranger.ts';
import { testKey } from '../../support/test-key.ts';

/*
 * Our own workflows, and a stranger who polls their Task Queue and answers each Activity in our place.
 */

const md5 = '0123456789abcdef'.repeat(2);
const counts = { files: 1, bytes: 10, doneFiles: 0, doneBytes: 0 };
const shard = { kind: 'thumbs', folder: '00000', ...counts };
const tally = { ...emptyTally, ...counts };
const bundle = { tally: { ...tally, doneFiles: 1, doneBytes: 10 }, failedIds: '', interrupted: false };
/** Such as a worker of ours might answer. */
const honest: Readonly<Record<string, unknown>> = {
  loadManifest: { md5, records: 1, bytes: 10 },
  planRun: { shards: [shard], kinds: { thumbs: tally }, largeFiles: [] },
  planShard: { ...counts, bundles: [{ ids: '0', files: 1, bytes: 10 }] },
  fetchRange: { ...bundle, size: 10 },
  fetchBundle: bundle,
  writeReport: { status: 'complete', foreignFiles: 0 },
};

let dataset: ServedDataset;
let bench: TestBench;
let stranger: Stranger;
let connection: NativeConnection;
let workflows: Worker;
let ended: Promise<void>;
/** By Workflow Id of a run: what is answered otherwise. */
const strange = new Map<string, Readonly<Record<string, unknown>>>();
/** Activities are not answered while this is not open. */
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  dataset = await serveDataset({ records: 1, kinds: ['thumbs'] });
  bench = await openBench();
  connection = await connectNative(settingsForAddress(bench.connected.address, 'default'));
  workflows = await Worker.create({
    connection,
    taskQueue: bench.taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url)) },
    dataConverter: { payloadCodecs: [new SigningCodec(testKey)] },
  });
  ended = workflows.run();
  stranger = new Stranger(bench);
  stranger.answer(async (type, workflowId) => {
    await gate;
    const answers = strange.get(workflowId.split('/')[0] ?? '') ?? {};
    const answer = type in answers ? answers[type] : honest[type];
    return typeof answer === 'function' ? (answer as () => unknown)() : answer;
  });
});
afterAll(async () => {
  stranger?.leave();
  workflows?.shutdown();
  await ended;
  await connection?.close();
  await bench?.close();
  await dataset?.close();
});

let started = 0;
async function startRun(answers: Readonly<Record<string, unknown>> = {}) {
  const workflowId = `ffhq-strange-${crypto.randomUUID()}-${started++}`;
  strange.set(workflowId, answers);
  const request = requestOf({
    kinds: ['thumbs'],
    manifest: { name: 'official' },
    license: { name: 'none' },
    source: { name: 'local-dir', dir: '/nowhere' },
  });
  return bench.startRun(dataset, { workflowId, request, searchAttributes: false });
}

const taskFailures = async (workflowId: string) =>
  (await stranger.events(workflowId)).filter((event) => event.workflowTaskFailedEventAttributes);

test('answers that a worker might give bring a run to its end, whoever gives them', async () => {
  const run = await startRun();
  expect(await run.result()).toMatchObject({ status: 'complete', records: 1 });
});

const huge = 1e300;
/** Names that every object knows without having them. */
const inherited = ['toString', 'constructor', '__proto__'];
const failedBy = (name: string): object =>
  JSON.parse(
    JSON.stringify({ ...tally, failures: 'HERE' }).replace('"HERE"', `{"${name}":{"count":1,"first":["x"]}}`),
  );

test.each<[string, readonly unknown[]]>([
  [
    'loadManifest',
    [
      null,
      { md5: '../../home', records: 1, bytes: 1 },
      { md5, records: huge, bytes: 1 },
      rawPayload('{"md5":', 'json/plain'),
      rawPayload('?', 'binary/encrypted'),
    ],
  ],
  [
    'fetchRange',
    [
      { ...bundle, size: -1 },
      { ...bundle, size: '../home' },
    ],
  ],
  [
    'planRun',
    [
      [],
      { shards: [{ ...shard, folder: '../..' }], kinds: {}, largeFiles: [] },
      { shards: [{ ...shard, kind: '../../home' }], kinds: {}, largeFiles: [] },
      { shards: [{ ...shard, kind: 'constructor' }], kinds: {}, largeFiles: [] },
      { shards: Array(5_000).fill(shard), kinds: {}, largeFiles: [] },
      { shards: [shard], kinds: { '../home': tally }, largeFiles: [] },
      { shards: [shard], kinds: { thumbs: { ...tally, files: '1' } }, largeFiles: [] },
      ...inherited.map((name) => ({ shards: [shard], kinds: { thumbs: failedBy(name) }, largeFiles: [] })),
      { shards: [], kinds: {}, largeFiles: [{ kind: 'tfrecords', key: '../home', path: 'x', size: 1 }] },
      { shards: [], kinds: {}, largeFiles: [{ kind: 'tfrecords', key: 'ffhq-r02', path: 'x', size: huge }] },
    ],
  ],
  [
    'planShard',
    [
      { ...counts, files: -1, bundles: [] },
      { ...counts, bundles: [{ ids: '../0', files: 1, bytes: 1 }] },
      { ...counts, bundles: Array(5_000).fill({ ids: '0', files: 1, bytes: 1 }) },
      { ...counts, bundles: 'all' },
    ],
  ],
  [
    'fetchBundle',
    [
      'done',
      { ...bundle, failedIds: '5-1' },
      { ...bundle, tally: { ...tally, failures: { md5: { count: 1, first: 'x' } } } },
      { ...bundle, deferred: { ids: 'all', reason: 'quota', waitMs: huge, firstMs: -huge, baseMs: huge } },
      { ...bundle, deferred: { ids: '0', reason: 'constructor', waitMs: 1 } },
      ...inherited.map((name) => ({ ...bundle, tally: failedBy(name) })),
    ],
  ],
  ['writeReport', [{ status: 'fine', foreignFiles: 0 }]],
])(
  'a stranger answers %s with what no worker gives: the run fails and says so, and no task of it is tried for ever',
  async (type, answers) => {
    const runs = await Promise.all(answers.map((answer) => startRun({ [type]: answer })));
    for (const run of runs) {
      const error = await run.result().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(WorkflowFailedError);
      let cause: unknown = error;
      while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
      expect(cause).toBeInstanceOf(ApplicationFailure);
      expect(cause).toMatchObject({ type: 'Input.Result', nonRetryable: true });
      const sentence = new RegExp(`^result \\[type=${type}\\].*: expected .+, got something else$`);
      expect((cause as Error).message.replace(/ \[[a-zA-Z.]+\]:/, ':')).toMatch(sentence);
      expect(await taskFailures(run.workflowId)).toEqual([]);
    }
  },
);

test.each<[string, object]>([
  ['what is carried is no object', { carried: 7 }],
  ['the ids that are carried lead elsewhere', { carried: { tally, settledIds: '../..', signalsSent: 0 } }],
  ['it waits until no date', { until: huge, carried: { tally, settledIds: '', signalsSent: 0 } }],
])(
  'a stranger plans a folder in which %s: no worker gives that, and nothing of it is taken',
  async (_what, more) => {
    const plan = { shards: [{ ...shard, ...more }], kinds: { thumbs: tally }, largeFiles: [] };
    const run = await startRun({ planRun: plan });
    expect(await run.result()).toMatchObject({ status: 'complete' });
    for (const id of [run.workflowId, `${run.workflowId}/thumbs/00000`])
      expect(await taskFailures(id)).toEqual([]);
  },
);

test('Signals of any content change nothing, and fail no task: only pause, and only by true or false', async () => {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const run = await startRun();
  const child = `${run.workflowId}/thumbs/00000`;
  const payloads = [
    undefined,
    ...[null, 7, 'x', [], {}, { kind: 'thumbs', name: '00000' }].map(payloadOf),
    payloadOf({ kind: 'thumbs', name: '00000', tally: null }),
    payloadOf({ kind: 'thumbs', name: '00000', tally: { ...tally, failures: 'x' } }),
    payloadOf({ child, question: 0, ended: 7 }),
    payloadOf({ child, question: 7.5, ended: -7 }),
    payloadOf({ kind: '../home', name: '../..', tally }),
    payloadOf({ kind: 'thumbs', name: '00000', tally: { ...tally, doneFiles: huge } }),
    ...inherited.map((name) => payloadOf({ kind: 'thumbs', name: '00000', tally: failedBy(name) })),
    rawPayload('{"kind":'),
    rawPayload('x', 'binary/encrypted'),
  ];
  // The server takes a hundred while a Workflow Task is under way.
  const send = (workflowId: string, ...names: readonly string[]) =>
    Promise.all(
      names.flatMap((name) => payloads.map((payload) => stranger.signal(workflowId, name, payload))),
    );
  const all = (workflowId: string) => send(workflowId, 'shardProgress', 'setPaused', 'handUp', '__proto__');
  await all(run.workflowId);
  open();
  // Its bundle is held until the Signals are there.
  gate = Promise.resolve();
  strange.set(run.workflowId, {
    fetchBundle: async () => {
      await all(run.workflowId);
      await all(child);
      for (const id of [run.workflowId, child])
        await send(id, 'gateMoved', 'childWaits', 'retryNow', 'waitsEnded');
      return bundle;
    },
  });
  expect(await run.result()).toMatchObject({ status: 'complete' });
  for (const id of [run.workflowId, child]) expect(await taskFailures(id)).toEqual([]);
});

test('Updates of any content pause and resume a run, or end its waits, and nothing else', async () => {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const run = await startRun();
  await eventually('the first Activity', async () => (await stranger.events(run.workflowId)).length > 4);
  const update = (name: string, args: unknown[]) => run.executeUpdate(name, { args: args as [] });
  await expect(update('resume', ['../home'])).rejects.toThrow();
  expect(await update('pause', [{ store: '/home', folder: '../..' }])).toBe('paused');
  await expect(update('pause', [huge])).rejects.toThrow();
  await expect(update('retryNow', [{ child: '../home' }])).rejects.toMatchObject({
    cause: { message: 'nothing waits for a quota or a closed source' },
  });
  for (const limits of [{ files: -1 }, { requests: 'none' }, { bandwidth: { text: '1'.repeat(5_000) } }, []])
    await expect(update('setLimits', [limits])).rejects.toThrow();
  expect(await update('setLimits', [{ files: 2, store: '/home' }])).toEqual({ files: 2 });
  expect(await update('resume', [null])).toBe('resumed');
  open();
  gate = Promise.resolve();
  expect(await run.result()).toMatchObject({ status: 'complete' });
  expect(await taskFailures(run.workflowId)).toEqual([]);
});
