import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { pendingActivities, picture, readReport } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** An address of this machine at which nobody listens. */
async function deadHost(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** Where the mirror has everything: the manifest and the licences are asked for by their own URLs. */
const byMirror = (dataset: ServedDataset) => ({
  ...dataset.request,
  source: { name: 'http-mirror', baseUrl: dataset.drive.origin },
});

async function until(bench: TestBench, workflowId: string, type: string) {
  const shard = `${workflowId}/thumbs/00000`;
  return eventually(`an attempt to end by ${type}`, async () => {
    const pending = await pendingActivities(bench, [workflowId, shard]);
    return pending.find(
      ({ lastFailure, attempt, state }) =>
        lastFailure?.applicationFailureInfo?.type === type && Number(attempt) >= 2 && state === 1,
    );
  });
}

test('a host that refuses starves no file of another host, and its own files are given up by name', async () => {
  const host = await deadHost();
  const dataset = await serveDataset(
    { records: 6, kinds: ['thumbs'] },
    { numAttempts: 2, allowedHosts: [host] },
  );
  try {
    const lost = picture('thumbs', 0);
    dataset.drive.behave(dataset.idOf(lost), { kind: 'redirect', to: { url: `http://${host}/x` } });
    // The others are on their way when the host refuses, and are not broken off.
    const others = [1, 2, 3, 4, 5].map((id) => picture('thumbs', id));
    for (const path of others) {
      dataset.drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond: 1_000 });
    }
    const result = await bench.runToEnd(dataset);
    expect(result.status).toBe('complete with failures');
    expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 5, failedFiles: 1 });
    expect(others.map((path) => dataset.fetches(path))).toEqual([1, 1, 1, 1, 1]);
    const [failure] = (await readReport(dataset)).json.failures;
    expect(failure).toMatchObject({ path: lost, reason: 'host-down', attempts: 2 });
    expect(failure?.detail).toContain(host);
  } finally {
    await dataset.close();
  }
});

test('a mirror that names a wait gets no further request before that, and no file is given up for it', async () => {
  const dataset = await serveDataset({ records: 12, kinds: ['thumbs'] }, { numAttempts: 1, bundleFiles: 3 });
  const { drive } = dataset;
  const pictures = [...dataset.sample.files.values()].filter(({ filePath }) => filePath.endsWith('.png'));
  const asked = () => drive.requests.filter(({ path }) => path.endsWith('.png')).length;
  try {
    const worker = await bench.startWorker(dataset, { numThreads: 2 });
    try {
      for (const { filePath } of pictures) {
        drive.behave(dataset.idOf(filePath), { kind: 'status', status: 429, retryAfter: '600' });
      }
      const run = await bench.startRun(dataset, { request: byMirror(dataset) });
      const waiting = await until(bench, run.workflowId, 'Source.RateLimited');
      const next = Number(waiting.scheduledTime?.seconds ?? 0) * 1000;
      expect(next - Date.now()).toBeGreaterThan(500_000);
      // Two files are in hand at once; every other file, and every other bundle, hears of it without asking.
      await eventually('every bundle to wait', async () => {
        const pending = await pendingActivities(bench, [`${run.workflowId}/thumbs/00000`]);
        return pending.length === 4 && pending.every(({ attempt }) => Number(attempt) >= 2);
      });
      expect(asked()).toBeGreaterThan(0);
      expect(asked()).toBeLessThanOrEqual(2);
      await run.terminate('seen enough');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a busy mirror is asked again after the wait that it named, by whichever worker, and the run completes', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'] }, { numAttempts: 1 });
  const { drive } = dataset;
  try {
    const busy = picture('thumbs', 0);
    // A date, as some servers name it; one file alone, which must not keep the others from coming.
    const retryAfter = new Date(Date.now() + 25_000).toUTCString();
    drive.behave(dataset.idOf(busy), { kind: 'status', status: 503, retryAfter });
    const first = await bench.startWorker(dataset, { numThreads: 1 });
    const run = await bench.startRun(dataset, { request: byMirror(dataset) });
    await until(bench, run.workflowId, 'Source.RateLimited');
    await first.shutdown();
    const before = drive.requests.length;
    const second = await bench.startWorker(dataset, { numThreads: 1 });
    try {
      drive.behave(dataset.idOf(busy), undefined);
      const result = await run.result();
      expect(result.status).toBe('complete');
      expect(drive.requests.slice(before).every(({ at }) => at >= Date.parse(retryAfter) - 1000)).toBe(true);
    } finally {
      await second.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a file whose host sends it away each time keeps no other file from coming', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'] }, { numAttempts: 1 });
  const { drive } = dataset;
  try {
    const busy = dataset.idOf(picture('thumbs', 0));
    drive.behave(busy, { kind: 'status', status: 503, retryAfter: '1' });
    const worker = await bench.startWorker(dataset, { numThreads: 1 });
    try {
      const run = await bench.startRun(dataset, { request: byMirror(dataset) });
      await eventually('the five others to come', () => {
        const came = drive.requests.filter(
          ({ path, answer, file }) => path.endsWith('.png') && answer === 'file' && file !== busy,
        );
        return came.length === 5;
      });
      drive.behave(busy, undefined);
      expect((await run.result()).status).toBe('complete');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a mirror whose name does not exist is waited for with a question, and charged to no file', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['thumbs'] }, { numAttempts: 1 });
  try {
    const worker = await bench.startWorker(dataset);
    try {
      const source = { name: 'http-mirror', baseUrl: 'http://mirror.invalid/ffhq/' };
      const run = await bench.startRun(dataset, { request: { ...dataset.request, source } });
      const waiting = await eventually('three attempts', async () => {
        const pending = await pendingActivities(bench, [`${run.workflowId}/thumbs/00000`]);
        return pending.find(({ attempt }) => Number(attempt) >= 3);
      });
      expect(waiting.lastFailure?.applicationFailureInfo?.type).toBe('Source.NetworkDown');
      expect(waiting.lastFailure?.message).toContain('wrong host?');
      await run.terminate('seen enough');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
