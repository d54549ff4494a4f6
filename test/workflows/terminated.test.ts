import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { pendingActivities } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a run that begins while the folders of a terminated one still close waits for them and completes', async () => {
  const dataset = await serveDataset({ records: 40, kinds: ['thumbs'] });
  const { client } = bench.connected;
  try {
    const thumbs = [...dataset.sample.files.values()].filter(({ filePath }) => filePath.endsWith('.png'));
    for (const { filePath } of thumbs)
      dataset.drive.behave(dataset.idOf(filePath), { kind: 'drip', bytesPerSecond: 1_000 });
    const worker = await bench.startWorker(dataset, { numThreads: 2 });
    try {
      const first = await bench.startRun(dataset);
      const child = `${first.workflowId}/thumbs/00000`;
      await eventually('pictures to be on their way', async () => {
        return (await pendingActivities(bench, [child])).length > 0;
      });
      await first.terminate('by hand');
      // It stops by itself; what takes its place closes when the test says so.
      await client.workflow
        .getHandle(child)
        .result()
        .catch(() => {});
      const closing = await client.workflow.start('anything', { workflowId: child, taskQueue: 'nobody' });
      for (const { filePath } of thumbs) dataset.drive.behave(dataset.idOf(filePath), undefined);

      const second = await bench.startRun(dataset);
      await eventually('the new run to wait', async () => {
        const { events } = await second.fetchHistory();
        return events?.some(({ timerStartedEventAttributes }) => timerStartedEventAttributes);
      });
      expect((await second.describe()).status.name).toBe('RUNNING');
      await closing.terminate('closed at last');
      const { status, progress } = await second.result();
      expect(status).toBe('complete');
      expect(progress.kinds.thumbs).toMatchObject({ doneFiles: 40, failedFiles: 0 });
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
