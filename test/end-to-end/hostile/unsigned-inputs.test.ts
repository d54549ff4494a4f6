import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { sign } from '../../../src/signing/signing-codec.ts';
import { filesUnder } from '../../support/arrived-files.ts';
import { type Canary, makeCanary } from '../../support/canary.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { payloadOf, rawPayload, Stranger } from '../../support/server/stranger.ts';
import { testKey } from '../../support/test-key.ts';

const otherKey = Buffer.alloc(32, 'theirs');
const md5 = '0123456789abcdef'.repeat(2);

let canary: Canary;
let dataset: ServedDataset;
let bench: TestBench;
let stranger: Stranger;
let worker: Awaited<ReturnType<TestBench['startWorker']>>;
/** What a run of ours was started and its Activities were scheduled with, as the server keeps it. */
let real: {
  readonly workflowId: string;
  readonly start: Recorded;
  readonly activities: readonly Recorded[];
};

interface Recorded {
  readonly type: string;
  readonly input: ReturnType<typeof payloadOf>;
}

beforeAll(async () => {
  canary = makeCanary();
  dataset = await serveDataset({ records: 2, kinds: ['thumbs'] });
  bench = await openBench();
  stranger = new Stranger(bench);
  worker = await bench.startWorker(dataset, { alignThreads: 1 });
  const run = await bench.startRun(dataset);
  await run.result();
  const ids = [run.workflowId, `${run.workflowId}/thumbs/00000`];
  const recorded = (await Promise.all(ids.map((id) => stranger.events(id))))
    .flat()
    .flatMap((event): Recorded[] => {
      const {
        workflowExecutionStartedEventAttributes: start,
        activityTaskScheduledEventAttributes: scheduled,
      } = event;
      const type = start?.workflowType?.name ?? scheduled?.activityType?.name;
      const input = (start ?? scheduled)?.input?.payloads?.[0];
      return type && input ? [{ type, input }] : [];
    });
  const [start] = recorded;
  if (start === undefined) throw new Error('expected a history of the run');
  real = {
    workflowId: run.workflowId,
    start,
    activities: recorded.filter(({ type }) => !['buildDataset', 'processShard'].includes(type)),
  };
});
afterAll(async () => {
  await worker?.shutdown();
  await bench?.close();
  await dataset?.close();
  canary?.remove();
});

const workflowTypes = ['buildDataset', 'processShard', 'fetchLargeFile', 'purgeRecords'] as const;
const activityTypes = [
  ...['claimStore', 'loadManifest', 'planPhotos', 'planCrops', 'planRun', 'planShard', 'fetchBundle'],
  ...['fetchRange', 'writeReport', 'releaseStore', 'alignBundle', 'planPurge', 'purgeFolder', 'finishPurge'],
];
const queueOf = (type: string) => (type === 'alignBundle' ? `${bench.taskQueue}-align` : bench.taskQueue);

/** A store as a stranger makes one, beside the user's own files: its id is known to whoever made it. */
function plantedStore() {
  const path = join(canary.root, 'planted');
  const id = 'f'.repeat(32);
  mkdirSync(join(path, '.ffhq'), { recursive: true });
  writeFileSync(join(path, statePaths.store), JSON.stringify({ id, schema: 1 }));
  return { path, id };
}

/** Everything that any Workflow or Activity takes, with all of it leading to the user's own files. */
function hostileInput() {
  const file = {
    kind: 'tfrecords',
    key: 'ffhq-r02',
    path: '../home/.bashrc',
    size: 1,
    md5,
    url: dataset.drive.origin,
  };
  return {
    store: plantedStore(),
    owner: { workflowId: '../../home', clusterId: 'c', address: 'a', namespace: 'default' },
    run: '../../../home',
    request: {
      ...requestOf({
        kinds: ['images', 'tfrecords'],
        manifest: { name: 'other', location: `${dataset.drive.origin}/x` },
        license: { name: 'url', url: `${dataset.drive.origin}/home` },
        allowedHosts: ['127.0.0.1'],
        align: {
          options: { rotateLevel: true, randomShift: 0, retryCrops: false, enablePadding: true },
          folder: '../home',
          fileIdentical: false,
          discardOriginals: true,
        },
      }),
    },
    takeOver: true,
    searchAttributes: false,
    kind: '../home',
    folder: '../home',
    manifestMd5: '../../../home',
    manifest: { md5: '../../../home', records: 1, bytes: 1 },
    settledIds: '',
    signals: 1,
    paused: false,
    files: { kind: 'images', folder: '../../home', ids: '0', manifestMd5: '../home' },
    file,
    end: 1,
  };
}

/** Ways to come without our signature. */
const forgeries: readonly (readonly [
  string,
  (type: string, workflowId: string) => ReturnType<typeof payloadOf> | undefined,
])[] = [
  ['no signature', () => payloadOf(hostileInput())],
  [
    'the signature of another key',
    (type, workflowId) =>
      payloadOf(sign(otherKey, hostileInput(), { namespace: 'default', workflowId, type })),
  ],
  [
    'its own word that it is ours',
    (type, workflowId) => payloadOf({ ...hostileInput(), signed: saysOurs(type, workflowId) }),
  ],
  [
    'that word, spelled otherwise',
    (type, workflowId) =>
      rawPayload(
        JSON.stringify({ ...hostileInput(), signed: saysOurs(type, workflowId) }).replace(
          '"signed":',
          '"sig\\u006eed" :',
        ),
      ),
  ],
  ['nothing', () => undefined],
  ['bytes that are no JSON', () => rawPayload('{"store":')],
  ['an encoding that nobody reads', () => rawPayload('{}', 'binary/encrypted')],
];

function saysOurs(type: string, workflowId: string) {
  return { for: { namespace: 'default', workflowId, type }, mac: 'f'.repeat(64), isOurs: true };
}

/** Of a workflow that failed by a refusal of ours: what it said. */
async function refusalOf(workflowId: string): Promise<string> {
  const error = await stranger
    .handle(workflowId)
    .result()
    .catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  expect(cause).toMatchObject({ type: 'Input.NotSigned', nonRetryable: true });
  const events = await stranger.events(workflowId);
  const did = events.filter(
    (event) =>
      event.activityTaskScheduledEventAttributes ||
      event.startChildWorkflowExecutionInitiatedEventAttributes ||
      event.workflowTaskFailedEventAttributes,
  );
  expect(did).toEqual([]);
  return (cause as ApplicationFailure).message;
}

function expectUntouched(): void {
  const planted = join(canary.root, 'planted');
  expect(canary.changes(planted)).toEqual([]);
  expect(filesUnder(planted)).toEqual([statePaths.store]);
}

describe.each(forgeries)('with %s', (how, make) => {
  const mayBeOfAnotherKey = /another key|its own word|that word/.test(how);
  test.each(workflowTypes)(
    'a stranger starts %s: it fails with a sentence before it does anything',
    async (type) => {
      const workflowId = `stranger-${crypto.randomUUID()}`;
      await stranger.startWorkflow(type, make(type, workflowId), workflowId);
      expect(await refusalOf(workflowId)).toMatch(
        /^input \[workflow=stranger-\S+ type=\w+\]: expected .*(signed|signature)/,
      );
      expectUntouched();
    },
  );

  test('a stranger has our workers do each kind of Activity: none of them begins', async () => {
    const workflowId = `stranger-${crypto.randomUUID()}`;
    const wanted = activityTypes.map((type) => ({
      type,
      taskQueue: queueOf(type),
      input: make(type, workflowId),
    }));
    const ends = await stranger.schedule(wanted, workflowId);
    const types = ends.map((end) => (end === 'done' ? end : end.applicationFailureInfo?.type));
    expect(types).toEqual(activityTypes.map(() => 'Input.NotSigned'));
    // What may be signed by the key of another worker is left to it; nothing else is ever tried again.
    const isFinal = ends.map((end) => end !== 'done' && end.applicationFailureInfo?.nonRetryable === true);
    expect(isFinal).toEqual(activityTypes.map(() => !mayBeOfAnotherKey));
    expectUntouched();
  });
});

test('an input that was signed for one run serves for no other Workflow Id, type or namespace', async () => {
  const { input } = real.start;
  const copies = [
    ...workflowTypes.map((type) => ({ type, workflowId: `stranger-${crypto.randomUUID()}` })),
    ...workflowTypes.slice(1).map((type) => ({ type, workflowId: real.workflowId })),
  ];
  for (const { type, workflowId } of copies) {
    await stranger.startWorkflow(type, input, workflowId);
    expect(await refusalOf(workflowId)).toContain(
      `got one for buildDataset of ${real.workflowId} in default`,
    );
  }
  const elsewhere = sign(testKey, JSON.parse(Buffer.from(input.data ?? []).toString()) as object, {
    namespace: 'lab',
    workflowId: real.workflowId,
    type: 'buildDataset',
  });
  await stranger.startWorkflow('buildDataset', payloadOf(elsewhere), real.workflowId);
  expect(await refusalOf(real.workflowId)).toContain('in lab');
});

test('an input of a run that names another folder, or has any field changed, is refused under its own name too', async () => {
  const signed = JSON.parse(Buffer.from(real.start.input.data ?? []).toString()) as ReturnType<
    typeof hostileInput
  >;
  const store = plantedStore();
  for (const changed of [
    { ...signed, store },
    { ...signed, takeOver: true },
    { ...signed, state: {} },
  ]) {
    await stranger.startWorkflow('buildDataset', payloadOf(changed), real.workflowId);
    expect(await refusalOf(real.workflowId)).toContain('expected a signature by this worker');
  }
});

test('what was signed for an Activity of a run serves for no Activity of another workflow, nor of another type', async () => {
  expect(new Set(real.activities.map(({ type }) => type)).size).toBeGreaterThanOrEqual(6);
  const elsewhere = real.activities.map(({ type, input }) => ({ type, taskQueue: queueOf(type), input }));
  const other = real.activities.map(({ input }, at) => {
    const type = real.activities[(at + 1) % real.activities.length]?.type ?? '';
    return { type, taskQueue: queueOf(type), input };
  });
  const differing = other.filter(({ type }, at) => type !== real.activities[at]?.type);
  const ends = [
    ...(await stranger.schedule(elsewhere)),
    ...(await stranger.schedule(differing, real.workflowId)),
  ];
  expect(ends.map((end) => (end === 'done' ? end : end.applicationFailureInfo?.type))).toEqual(
    [...elsewhere, ...differing].map(() => 'Input.NotSigned'),
  );
});

test('an Activity of no workflow, which servers may allow, begins no more than others do', async () => {
  for (const type of activityTypes) {
    const wanted = { type, taskQueue: queueOf(type), input: payloadOf(hostileInput()) };
    const end = await stranger.startActivity(wanted).catch((error: { code?: number }) => error.code);
    expect(end).toMatchObject({ applicationFailureInfo: { type: 'Input.NotSigned' } });
  }
  expectUntouched();
});

/** One field of what an Activity takes, and what leads elsewhere in it. */
const hostileFields: readonly (readonly [path: readonly string[], value: unknown])[] = [
  [['run'], '../../../home'],
  [['kind'], '../home'],
  [['folder'], '../../home'],
  [['manifestMd5'], '../../../home'],
  [['manifest'], { md5: '../../../home', records: 1, bytes: 1 }],
  [['settledIds'], '9-1'],
  [['again'], '../home'],
  [['files'], { kind: 'images', folder: '../../home', ids: '0', manifestMd5: md5 }],
  [['files'], { kind: 'images', folder: '00000', ids: '../0', manifestMd5: md5 }],
  [['files'], { kind: '../home' }],
  [['file'], { kind: 'tfrecords', key: '../home' }],
  [['request', 'kinds'], ['home']],
  [['request', 'align', 'folder'], '../home'],
  [['request', 'align', 'sourceDir'], 'home'],
  [['request', 'license'], { name: 'file', url: 'file:///home' }],
  [['store', 'path'], '../home'],
];

test('signed with the right key, as results that others gave may lead to, no Activity takes a field that leads elsewhere', async () => {
  const signed = JSON.parse(Buffer.from(real.start.input.data ?? []).toString()) as ReturnType<
    typeof hostileInput
  >;
  const { align } = hostileInput().request;
  const { store, owner } = signed;
  const request = { ...signed.request, align: { ...align, folder: 'realigned' } };
  const workflowId = `stranger-${crypto.randomUUID()}`;
  const wanted = activityTypes.flatMap((type) =>
    hostileFields.map(([path, value]) => {
      const context: Record<string, unknown> = { store, owner, request, run: 'r' };
      const input = changed(context, path, value);
      return {
        type,
        taskQueue: queueOf(type),
        input: payloadOf(sign(testKey, input, { namespace: 'default', workflowId, type })),
      };
    }),
  );
  const ends = await stranger.schedule(wanted, workflowId);
  const types = ends.map((end) => (end === 'done' ? end : end.applicationFailureInfo?.type));
  expect(types).toEqual(wanted.map(() => 'Input.Request'));
  expectUntouched();
});

function changed(object: object, [field = '', ...rest]: readonly string[], value: unknown): object {
  const before = (object as Record<string, unknown>)[field];
  return { ...object, [field]: rest.length === 0 ? value : changed(before as object, rest, value) };
}
