import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addExclusions } from '../../src/activities/exclusion/exclusions.ts';
import { ensureStore, findStore } from '../../src/activities/store/store-identity.ts';
import { readConfig } from '../../src/config.ts';
import { gateIdOf } from '../../src/domain/gate/source-gate.ts';
import type { RunProgress } from '../../src/domain/run/progress.ts';
import { SIGNATURE_FIELD, signatureOf } from '../../src/domain/signing/signed-input.ts';
import { startPurge } from '../../src/runs/purging/start-purge.ts';
import { sign } from '../../src/signing/signing-codec.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { ARCHIVE_ID, serveArchive } from '../support/datasets/serve-archive.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { testKey, testSeal } from '../support/test-key.ts';
import { type History, picture, requestsFor, runsOf } from '../support/watch-run.ts';

/*
 * Records the histories that `replay.test.ts` replays: `node tools/record-histories.mjs`.
 *
 * When a replay test fails, the workflow code decides differently than the version that runs out there were started
 * with. If that was not meant, mend the code. If it was, raise WORKFLOW_VERSION in src/domain/run.ts, so that `start`
 * ends runs of the older version and begins anew from the disk, and record anew.
 */

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
let bench: TestBench;

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  bench = await openBench();
});
afterAll(() => bench.close());

test('complete with failures', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['images', 'thumbs'] }, { numAttempts: 2 });
  try {
    dataset.drive.behave(dataset.idOf(picture('images', 0)), { kind: 'missing' });
    dataset.drive.behave(dataset.idOf(picture('images', 1)), { kind: 'flip-byte', at: 200 });
    expect((await bench.runToEnd(dataset)).status).toBe('complete with failures');
    await record('failures', dataset);
  } finally {
    await dataset.close();
  }
});

test('paused and resumed, while the manifest comes and while pictures do', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['images'], pngSize: 100 }, { bundleFiles: 2 });
  try {
    dataset.drive.behave('all', { kind: 'drip', bytesPerSecond: 10_000 });
    const worker = await bench.startWorker(dataset);
    try {
      const run = await bench.startRun(dataset);
      for (const path of ['ffhq-dataset-v2.json', picture('images', 0)]) {
        await eventually(`${path} to be on its way`, () =>
          requestsFor(dataset, path).some(({ bytesSent }) => bytesSent > 2_000),
        );
        await run.executeUpdate('pause');
        if (path.endsWith('.png')) {
          await eventually('the bundles to stop', () => dataset.drive.requests.every(({ closed }) => closed));
        }
        await run.executeUpdate('resume');
      }
      dataset.drive.behave('all', undefined);
      expect((await run.result()).status).toBe('complete');
    } finally {
      await worker.shutdown();
    }
    await record('pause', dataset);
  } finally {
    await dataset.close();
  }
});

test('a file under quota, its shard started again; a licence under quota, ended by `retry-now`', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  try {
    dataset.drive.behave(dataset.idOf(picture('thumbs', 1)), { kind: 'quota', times: 1 });
    dataset.drive.behave(dataset.idOf('LICENSE.txt'), { kind: 'quota', times: 1 });
    const worker = await bench.startWorker(dataset, { config: readConfig({ FFHQ_QUOTA_WAIT: '4' }) });
    try {
      const run = await bench.startRun(dataset);
      await eventually('the first wait', async () => {
        return (await run.query<RunProgress>('progress')).waits.length === 1;
      });
      await run.executeUpdate('retryNow');
      expect((await run.result()).status).toBe('complete');
    } finally {
      await worker.shutdown();
    }
    await record('deferral', dataset);
  } finally {
    await dataset.close();
  }
});

test('a source that blocks, its gate, and its probe', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  try {
    dataset.drive.behave(dataset.idOf(picture('thumbs', 1)), { kind: 'blocked', times: 2 });
    const worker = await bench.startWorker(dataset, { config: readConfig({ FFHQ_WAITS_DIVIDED_BY: '300' }) });
    try {
      const run = await bench.startRun(dataset);
      expect((await run.result()).status).toBe('complete');
      const gate = bench.connected.client.workflow.getHandle(
        gateIdOf(bench.taskQueue, 'google', testSeal.fingerprint),
      );
      await write('gates/blocked.gate', await gate.fetchHistory(), dataset);
    } finally {
      await worker.shutdown();
    }
    await record('gates/blocked', dataset);
  } finally {
    await dataset.close();
  }
});

test('cancelled with files in flight', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['images'], pngSize: 100 });
  try {
    for (let id = 0; id < 4; id++)
      dataset.drive.behave(dataset.idOf(picture('images', id)), { kind: 'drip', bytesPerSecond: 2_000 });
    const worker = await bench.startWorker(dataset);
    try {
      const run = await bench.startRun(dataset);
      await eventually('pictures to be on their way', async () => {
        const { stage } = await run.query<RunProgress>('progress');
        return (
          stage === 'fetch' &&
          requestsFor(dataset, picture('images', 0)).some(({ bytesSent }) => bytesSent > 0)
        );
      });
      await run.cancel();
      await run.result().catch(() => {});
    } finally {
      await worker.shutdown();
    }
    await record('cancel', dataset);
  } finally {
    await dataset.close();
  }
});

test('a shard that continues as new', async () => {
  const dataset = await serveDataset(
    { records: 800, kinds: ['thumbs'], pngSize: { thumbs: 4 } },
    { bundleFiles: 1 },
  );
  try {
    expect((await bench.runToEnd(dataset)).status).toBe('complete');
    await record('continue-as-new', dataset);
  } finally {
    await dataset.close();
  }
}, 240_000);

test('an archive that is damaged once, and paused', async () => {
  const served = await serveArchive();
  try {
    served.drive.behave(ARCHIVE_ID, [
      { kind: 'flip-byte', at: 2_000_000, times: 1 },
      { kind: 'drip', bytesPerSecond: 500_000 },
    ]);
    const worker = await bench.startWorker(served);
    try {
      const run = await served.start(bench);
      await eventually('the second try', () => (served.drive.requests[3]?.bytesSent ?? 0) > 200_000);
      await run.signal('setPaused', true);
      await eventually('it to be parked', () => served.drive.requests.every(({ closed }) => closed));
      await run.signal('setPaused', false);
      expect((await run.result()).tally).toMatchObject({ doneFiles: 1 });
      await write('archive.child-1', await run.fetchHistory(), served);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await served.close();
  }
});

test('a purge', async () => {
  const dataset = await serveDataset({ ids: [0, 1, 1000], kinds: ['thumbs'] });
  try {
    expect((await bench.runToEnd(dataset)).status).toBe('complete');
    const store = await ensureStore(dataset.out);
    const at = '2026-01-01T00:00:00.000Z';
    const manifestMd5 = dataset.sample.manifestMd5;
    await addExclusions(store.path, testSeal, [{ at, ids: '1,1000', manifestMd5 }]);
    const worker = await bench.startWorker(dataset);
    try {
      const { client, clusterId, address, namespace } = bench.connected;
      const { workflowId, result } = await startPurge({
        ...{ client, store, taskQueue: bench.taskQueue, server: { clusterId, address, namespace } },
        ...{ takeOver: false, deleteArchives: false, signingKey: testKey, spoken: (verb) => verb },
      });
      expect(await result()).toMatchObject({ records: 2, left: 0 });
      await write('purge/purge.run', await client.workflow.getHandle(workflowId).fetchHistory(), dataset);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

/** The run and every execution of its children, one file each. */
async function record(name: string, dataset: ServedDataset): Promise<void> {
  const store = await findStore(dataset.out);
  const workflowId = `ffhq-test-${store?.id.slice(0, 8)}`;
  const [run] = await runsOf(bench, workflowId);
  if (run === undefined) throw new Error('expected a run');
  await write(`${name}.run`, run.history, dataset);
  const started = (run.history.events ?? []).flatMap(
    ({ childWorkflowExecutionStartedEventAttributes: child }) => child?.workflowExecution ?? [],
  );
  let number = 0;
  for (const { workflowId: id, runId: first } of started) {
    for (let runId = first; runId; ) {
      const history = await bench.connected.client.workflow.getHandle(id ?? '', runId).fetchHistory();
      await write(`${name}.child-${++number}`, history, dataset);
      const last = history.events?.at(-1);
      runId = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    }
  }
}

async function write(name: string, history: History, dataset: Pick<ServedDataset, 'out'>): Promise<void> {
  const text = JSON.stringify(neutral(JSON.parse(historyToJSON(history)), dataset));
  await mkdir(dirname(`${folder}${name}`), { recursive: true });
  await writeFile(`${folder}${name}.json.gz`, gzipSync(text, { level: 9 }));
}

/** Without what only tells where it was recorded. */
function neutral(value: unknown, dataset: Pick<ServedDataset, 'out'>): unknown {
  // A sticky queue is named after its worker.
  if (typeof value === 'string')
    return value.replaceAll(dataset.out, '/dataset').replace(/^\d+@.*/, 'worker');
  if (Array.isArray(value)) return value.map((entry) => neutral(entry, dataset));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'identity') return [key, 'worker'];
      if (key === 'stackTrace') return [key, ''];
      if (key !== 'data' || typeof entry !== 'string') return [key, neutral(entry, dataset)];
      const text = Buffer.from(entry, 'base64').toString('utf8').replaceAll(dataset.out, '/dataset');
      return [key, Buffer.from(signedAnew(text)).toString('base64')];
    }),
  );
}

/** What was made neutral is another text than the one that was signed. */
function signedAnew(text: string): string {
  if (!text.startsWith('{') || !text.includes(`"${SIGNATURE_FIELD}":`)) return text;
  const input: object = JSON.parse(text);
  const signature = signatureOf(input);
  if (signature === undefined) return text;
  return JSON.stringify(sign(testKey, input, signature.for));
}
