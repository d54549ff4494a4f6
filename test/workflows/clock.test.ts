import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { RunProgress } from '../../src/domain/run/progress.ts';
import { expectAllArrived } from '../support/arrived-files.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { picture, requestsFor } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(() => {
  vi.useRealTimers();
});

const DAY = 24 * 3600 * 1000;

test('a clock that is set back a day in the middle of a run loses nothing, and what was verified stays so', async () => {
  const dataset = await serveDataset(
    { records: 6, kinds: ['images'], pngSize: 200, noiseBits: 8 },
    { bundleFiles: 2 },
  );
  const slow = [3, 4, 5].map((id) => picture('images', id));
  for (const path of slow) dataset.drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond: 20_000 });
  const worker = await bench.startWorker(dataset, { chunkBytes: 4_096 });
  try {
    const run = await bench.startRun(dataset);
    await eventually('half of the files to be there and half to be on their way', async () => {
      const { kinds } = await run.query<RunProgress>('progress');
      const onTheirWay = slow.every((path) =>
        requestsFor(dataset, path).some(({ bytesSent }) => bytesSent > 10_000),
      );
      return onTheirWay && kinds.images !== undefined;
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - DAY });
    // Parked and taken up again, so that partial files and records of "tomorrow" are met.
    await run.executeUpdate('pause');
    for (const path of slow) dataset.drive.behave(dataset.idOf(path), undefined);
    await run.executeUpdate('resume');
    const result = await run.result();
    expect(result.status).toBe('complete');
    expect(result.progress.kinds.images).toMatchObject({ doneFiles: 6, fetchedFiles: 6, failedFiles: 0 });
    expectAllArrived(dataset);

    const requests = dataset.drive.requests.length;
    const again = await (await bench.startRun(dataset)).result();
    expect(again.progress.kinds.images).toMatchObject({ doneFiles: 6, fetchedFiles: 0 });
    const pictures = dataset.drive.requests.slice(requests).filter(({ file }) => file !== undefined);
    expect(pictures.filter(({ file }) => slow.map(dataset.idOf).includes(file ?? ''))).toEqual([]);
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
});

test('what a clock that was hours ahead noted of a wait holds nobody longer than the source asked', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['images'], pngSize: 32 });
  const blocked = dataset.idOf(picture('images', 0));
  const underQuota = dataset.idOf(picture('images', 1));
  dataset.drive.behave(blocked, { kind: 'blocked', retryAfter: '2' });
  dataset.drive.behave(underQuota, { kind: 'quota' });
  const config = readConfig({ FFHQ_QUOTA_WAIT: '2', FFHQ_WAITS_DIVIDED_BY: '150' });
  const worker = await bench.startWorker(dataset, { config });
  try {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3600 * 1000 });
    const run = await bench.startRun(dataset);
    const waitsFor = (reason: string) =>
      eventually(`a wait of ${reason}`, async () => {
        const { waits } = await run.query<RunProgress>('progress');
        return waits.some((wait) => wait.reason === reason);
      });
    await waitsFor('blocked');
    dataset.drive.behave(blocked, undefined);
    await waitsFor('quota');
    vi.useRealTimers();
    dataset.drive.behave(underQuota, undefined);
    expect((await run.result()).status).toBe('complete');
    expectAllArrived(dataset);
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
}, 60_000);
