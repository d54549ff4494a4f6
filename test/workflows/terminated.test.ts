import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openBench, type TestBench } from '../support/run-dataset.ts';
import { serveDataset } from '../support/serve-dataset.ts';
import { pendingActivities } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('a run that begins while the folders of a terminated one still close waits for them and completes', async () => {
  const dataset = await serveDataset({ records: 40, kinds: ['thumbs'] });
  try {
    for (const { filePath } of dataset.sample.files.values()) {
      if (filePath.startsWith('thumbnails'))
        dataset.drive.behave(dataset.idOf(filePath), { kind: 'drip', bytesPerSecond: 1_000 });
    }
    const worker = await bench.startWorker(dataset, { numThreads: 2 });
    const first = await bench.startRun(dataset);
    const child = `${first.workflowId}/thumbs/00000`;
    await eventually('pictures to be on their way', async () => {
      return (await pendingActivities(bench, [child])).length > 0;
    });
    // Nobody answers the folder's request to stop for a while.
    await worker.shutdown();
    await first.terminate('by hand');
    const second = await bench.startRun(dataset);
    const { client } = bench.connected;
    const statusOf = async () => (await client.workflow.getHandle(child).describe()).status.name;
    expect(await statusOf()).toBe('RUNNING');
    dataset.drive.behave('all', undefined);
    for (const { filePath } of dataset.sample.files.values())
      dataset.drive.behave(dataset.idOf(filePath), undefined);

    const another = await bench.startWorker(dataset);
    try {
      const { status, progress } = await second.result();
      expect(status).toBe('complete');
      expect(progress.kinds.thumbs).toMatchObject({ doneFiles: 40, failedFiles: 0 });
    } finally {
      await another.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
