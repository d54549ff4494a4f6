import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { config, isRefusal } from './closed-gate.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('blocked after 131 requests over 32 connections, two workers ask no more, probe alone, and bring everything', async () => {
  const dataset = await serveDataset({ records: 110, kinds: ['thumbs'] }, { bundleFiles: 8 });
  const drive = await startDriveStandIn({
    files: dataset.files,
    block: { requests: 131, blockForMs: 4_500 },
  });
  const workers = await Promise.all([1, 2].map(() => bench.startWorker({ drive }, { config })));
  try {
    const run = await bench.startRun(dataset);
    const result = await run.result();
    expect(result.status).toBe('complete');
    expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 110, failedFiles: 0, deferredFiles: 0 });

    const requests = [...drive.requests];
    const refusedAt = requests.find(isRefusal)?.at ?? Number.NaN;
    // The first probe is refused, the second one is led to the file.
    const after = requests.filter(({ at }) => at > refusedAt + 2_000);
    const [first, second, third] = after;
    expect([first, second, third].map((request) => request?.status)).toEqual([429, 303, 200]);
    expect([first, second, third].map((request) => request?.concurrent)).toEqual([1, 1, 1]);
    expect(first?.at ?? 0).toBeGreaterThanOrEqual(refusedAt + 3_000);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(6_000);
    expect(after.filter(isRefusal)).toEqual([first]);
  } finally {
    await Promise.all(workers.map((worker) => worker.shutdown()));
    await drive.close();
    await dataset.close();
  }
}, 60_000);
