import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunProgress } from '../../src/domain/run/progress.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { pendingActivities, picture, readReport, requestsFor, timesAsked } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const SLOW = { kind: 'drip', bytesPerSecond: 20_000 } as const;

/** Bytes of the dataset's pictures that the stand-in has sent. */
function bytesSent({ drive, idOf, sample }: ServedDataset): number {
  const pictures = [...sample.files.values()].filter(({ filePath }) => filePath.endsWith('.png'));
  const ids = new Set(pictures.map(({ filePath }) => idOf(filePath)));
  return drive.requests
    .filter(({ file }) => file !== undefined && ids.has(file))
    .reduce((sum, request) => sum + request.bytesSent, 0);
}

async function untilNothingIsPending(workflowIds: readonly string[]): Promise<void> {
  await eventually('no Activity to be open', async () => {
    return (await pendingActivities(bench, workflowIds)).length === 0;
  });
}

test('a pause parks files in flight, holds no slot, outlives its worker, and a resume goes on by Range', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['images'], pngSize: 200, noiseBits: 8 });
  try {
    const paths = [0, 1, 2, 3].map((id) => picture('images', id));
    for (const path of paths) dataset.drive.behave(dataset.idOf(path), SLOW);
    const first = await bench.startWorker(dataset, { chunkBytes: 4_096 });
    const run = await bench.startRun(dataset);
    const workflows = [run.workflowId, `${run.workflowId}/images/00000`];
    try {
      await eventually('every file to be on its way', () =>
        paths.every((path) => requestsFor(dataset, path).some((request) => request.bytesSent > 10_000)),
      );
      expect(await run.executeUpdate('pause')).toBe('paused');
      await untilNothingIsPending(workflows);
      const twice = await run.executeUpdate('pause').catch((error: unknown) => error);
      expect(twice).toBeInstanceOf(WorkflowUpdateFailedError);
      expect((twice as WorkflowUpdateFailedError).cause?.message).toBe('the run is paused already');
      expect((await run.query<RunProgress>('progress')).paused).toBe(true);
    } finally {
      await first.shutdown();
    }
    for (const path of paths) dataset.drive.behave(dataset.idOf(path), undefined);
    const requests = dataset.drive.requests.length;
    const second = await bench.startWorker(dataset);
    try {
      expect((await run.query<RunProgress>('progress')).paused).toBe(true);
      expect(dataset.drive.requests.length).toBe(requests);
      expect(await run.executeUpdate('resume')).toBe('resumed');
      const again = await run.executeUpdate('resume').catch((error: unknown) => error);
      expect((again as WorkflowUpdateFailedError).cause?.message).toBe('the run is not paused');
      const result = await run.result();
      expect(result.status).toBe('complete');
      expect(result.progress.kinds.images).toMatchObject({ doneFiles: 4, fetchedFiles: 4, failedFiles: 0 });
    } finally {
      await second.shutdown();
    }
    for (const path of paths) {
      const resumed = requestsFor(dataset, path).findLast(({ answer }) => answer === 'file');
      expect(resumed?.status).toBe(206);
      expect(Number(/^bytes=(\d+)-/.exec(resumed?.range ?? '')?.[1])).toBeGreaterThan(8_000);
    }
  } finally {
    await dataset.close();
  }
});

test('a pause that is taken back at once loses nothing: the run still brings every file', async () => {
  const dataset = await serveDataset({ records: 12, kinds: ['images'], pngSize: 100 }, { bundleFiles: 2 });
  try {
    dataset.drive.behave('all', SLOW);
    const worker = await bench.startWorker(dataset, { numThreads: 4 });
    try {
      const run = await bench.startRun(dataset);
      await eventually('pictures to be on their way', () => bytesSent(dataset) > 20_000);
      for (let i = 0; i < 3; i++) {
        await run.executeUpdate('pause');
        await run.executeUpdate('resume');
      }
      dataset.drive.behave('all', undefined);
      const result = await run.result();
      expect(result.status).toBe('complete');
      expect(result.progress.kinds.images).toMatchObject({ files: 12, doneFiles: 12 });
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a pause while the manifest is fetched parks it too', async () => {
  const dataset = await serveDataset({ records: 30, kinds: ['thumbs'] });
  try {
    const manifest = dataset.idOf('ffhq-dataset-v2.json');
    dataset.drive.behave(manifest, SLOW);
    const worker = await bench.startWorker(dataset, { chunkBytes: 4_096 });
    try {
      const run = await bench.startRun(dataset);
      const sent = () =>
        requestsFor(dataset, 'ffhq-dataset-v2.json').reduce((sum, request) => sum + request.bytesSent, 0);
      await eventually('the manifest to be on its way', () => sent() > 10_000);
      await run.executeUpdate('pause');
      await untilNothingIsPending([run.workflowId]);
      expect(await run.query<RunProgress>('progress')).toMatchObject({ stage: 'manifest', paused: true });
      dataset.drive.behave(manifest, undefined);
      await run.executeUpdate('resume');
      expect((await run.result()).status).toBe('complete');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a pause gives a file in back-off no fresh attempts: its faults count on', async () => {
  const dataset = await serveDataset({ records: 2, kinds: ['images'] }, { numAttempts: 3 });
  try {
    const path = picture('images', 1);
    dataset.drive.behave(dataset.idOf(path), { kind: 'flip-byte', at: 200 });
    const worker = await bench.startWorker(dataset);
    try {
      const run = await bench.startRun(dataset);
      const shard = `${run.workflowId}/images/00000`;
      await eventually('the last attempt to be waited for', async () => {
        const [bundle] = await pendingActivities(bench, [shard]);
        return timesAsked(dataset, path) === 2 && Number(bundle?.attempt) === 3;
      });
      await run.executeUpdate('pause');
      await untilNothingIsPending([shard]);
      expect(timesAsked(dataset, path)).toBe(2);
      await run.executeUpdate('resume');
      expect((await run.result()).progress.kinds.images).toMatchObject({ doneFiles: 1, failedFiles: 1 });
      expect(timesAsked(dataset, path)).toBe(3);
      expect((await readReport(dataset)).json.failures).toMatchObject([{ key: '1', attempts: 3 }]);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
