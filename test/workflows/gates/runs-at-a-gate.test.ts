import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { ChildProgress, RunProgress } from '../../../src/domain/run/progress.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { pendingActivities } from '../../support/watch-run.ts';
import { block, config } from './closed-gate.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('two runs wait at one gate and hold nothing, say so, and the one that is not terminated goes on', async () => {
  const datasets = await Promise.all([1, 2].map(() => serveDataset({ records: 6, kinds: ['thumbs'] })));
  const [first, second] = datasets;
  if (first === undefined || second === undefined) throw new Error('expected two datasets');
  // One Google: both have the same files under the same ids.
  block(first, true);
  const worker = await bench.startWorker(first, { config });
  try {
    const runs = await Promise.all([bench.startRun(first), bench.startRun(second)]);
    const [ended, other] = runs;
    const shards = runs.map(({ workflowId }) => `${workflowId}/thumbs/00000`);
    const wait = { what: 'every file of Google Drive', reason: 'blocked' };
    for (const { workflowId } of runs) {
      const handle = bench.connected.client.workflow.getHandle(workflowId);
      const [seen] = await eventually('the run to say what it waits for', async () => {
        const { waits } = await handle.query<RunProgress>('progress');
        return waits.length > 0 && waits;
      });
      expect(seen).toMatchObject(wait);
      expect(Date.parse(seen?.until ?? '')).toBeGreaterThan(Date.parse(seen?.since ?? ''));
    }
    const child = bench.connected.client.workflow.getHandle(shards[1] ?? '');
    const [ofChild] = await eventually('the folder to say the same', async () => {
      const { waits } = await child.query<ChildProgress>('childProgress');
      return waits.length > 0 && waits;
    });
    expect(ofChild).toMatchObject(wait);
    await eventually(
      'nothing to be held',
      async () =>
        (await pendingActivities(bench, [...runs.map(({ workflowId }) => workflowId), ...shards])).length ===
        0,
    );
    await ended?.terminate('by hand');
    block(first, false);
    expect((await other?.result())?.status).toBe('complete');
  } finally {
    await worker.shutdown();
    for (const dataset of datasets) await dataset.close();
  }
}, 60_000);

test('`retry-now` has a closed source asked at once, and a folder that waits there goes on', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  // Its most telling form: a way to the page that asks whether one is a robot.
  block(dataset, true, 'redirect');
  // Minutes, as anybody else would wait.
  const worker = await bench.startWorker(dataset, { config: readConfig({}) });
  try {
    const run = await bench.startRun(dataset);
    const [seen] = await eventually('the run to wait', async () => {
      const { waits } = await run.query<RunProgress>('progress');
      return waits.length > 0 && waits;
    });
    block(dataset, false);
    expect(await run.executeUpdate('retryNow')).toMatch(/^\d waits? ended$/);
    expect((await run.result()).status).toBe('complete');
    expect(Date.now()).toBeLessThan(Date.parse(seen?.until ?? ''));
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
}, 60_000);
