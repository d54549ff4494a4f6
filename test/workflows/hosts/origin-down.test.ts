import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { pendingActivities, readReport } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a block of the address counts for no file, and the run completes when it is lifted', async () => {
  const dataset = await serveDataset({ records: 20, kinds: ['thumbs'] }, { numAttempts: 1 });
  try {
    const config = readConfig({ FFHQ_WAITS_DIVIDED_BY: '200' });
    const worker = await bench.startWorker(dataset, { config });
    try {
      // Of the files only: the manifest comes before.
      for (const { filePath } of dataset.sample.files.values()) {
        if (filePath.endsWith('.png'))
          dataset.drive.behave(dataset.idOf(filePath), { kind: 'blocked', retryAfter: '2' });
      }
      const run = await bench.startRun(dataset);
      const refused = () => dataset.drive.requests.filter(({ status }) => status === 429);
      // Those that were on their way together, then a probe, and another one.
      await eventually('two probes to be refused', () => {
        const [first] = refused();
        const later = refused().filter(({ at }) => at > (first?.at ?? 0) + 1_500);
        return later.length >= 2;
      });
      for (const { filePath } of dataset.sample.files.values()) {
        if (filePath.endsWith('.png')) dataset.drive.behave(dataset.idOf(filePath), undefined);
      }
      const result = await run.result();
      expect(result.status).toBe('complete');
      expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 20, failedFiles: 0 });
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('an origin that goes away and comes back costs no file an attempt', async () => {
  const dataset = await serveDataset({ records: 30, kinds: ['thumbs'] }, { numAttempts: 1, bundleFiles: 10 });
  const { drive } = dataset;
  try {
    const worker = await bench.startWorker(dataset, { numThreads: 2 });
    try {
      drive.behave('all', { kind: 'drip', bytesPerSecond: 4_000 });
      const run = await bench.startRun(dataset);
      const shard = `${run.workflowId}/thumbs/00000`;
      await eventually('some files to arrive', () =>
        drive.requests.some(
          ({ path, finished, file }) => path === '/download' && finished && file !== undefined,
        ),
      );
      await drive.close();
      await eventually('the network to be found down', async () => {
        const pending = await pendingActivities(bench, [run.workflowId, shard]);
        return pending.some(
          ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === 'Source.NetworkDown',
        );
      });
      const back = await startDriveStandIn({
        files: dataset.files,
        port: Number(new URL(drive.origin).port),
      });
      try {
        const result = await run.result();
        expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 30, failedFiles: 0 });
        expect(result.status).toBe('complete');
        expect((await readReport(dataset)).json.failures).toEqual([]);
      } finally {
        await back.close();
      }
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
