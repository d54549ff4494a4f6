import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { GateState } from '../../../src/domain/gate/source-gate.ts';
import type { ChildProgress, RunProgress } from '../../../src/domain/run/progress.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { pendingActivities } from '../../support/watch-run.ts';
import { block, config, gateOf } from './closed-gate.ts';

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

test('a stranger in the place of the gate makes no run spin: it waits, says so, and is complete when the source serves', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'] });
  const quietBench = await openBench();
  const { client } = quietBench.connected;
  const { workflowId } = gateOf(quietBench);
  const squatter = await client.workflow.start('squatter', { workflowId, taskQueue: 'nobody' });
  const answer = { kind: 'blocked', how: '429', retryAfter: '1' } as const;
  const pictures = [...dataset.sample.files].filter(([, { filePath }]) => filePath.endsWith('.png'));
  for (const [id] of pictures) dataset.drive.behave(id, answer);
  const worker = await quietBench.startWorker(dataset, {
    config: readConfig({ FFHQ_WAITS_DIVIDED_BY: '300' }),
  });
  try {
    const run = await quietBench.startRun(dataset);
    const [seen] = await eventually('the run to say what it waits for', async () => {
      const { waits } = await run.query<RunProgress>('progress');
      return waits.some(({ reason }) => reason === 'blocked') && waits;
    });
    expect(seen).toMatchObject({ what: 'every file of Google Drive', reason: 'blocked' });
    const asked = dataset.drive.requests.length;
    await eventually('it to be asked again', () => dataset.drive.requests.length > asked);
    for (const [id] of pictures) dataset.drive.behave(id, undefined);
    expect((await run.result()).status).toBe('complete');
    const folder = client.workflow.getHandle(`${run.workflowId}/thumbs/00000`);
    expect((await folder.describe()).historyLength).toBeLessThan(150);
    expect((await squatter.describe()).status.name).toBe('RUNNING');
  } finally {
    await worker.shutdown();
    await squatter.terminate('seen enough');
    await quietBench.close();
    await dataset.close();
  }
}, 60_000);

test('`retry-now` has a closed source asked at once, says so, and says where it does not', async () => {
  const dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  const ownBench = await openBench();
  // Its most telling form: a way to the page that asks whether one is a robot.
  block(dataset, true, 'redirect');
  // Half a minute and more of a block, and some four seconds between two hurries.
  const worker = await ownBench.startWorker(dataset, { config: readConfig({ FFHQ_WAITS_DIVIDED_BY: '8' }) });
  try {
    const run = await ownBench.startRun(dataset);
    await eventually('the run to wait', async () => {
      const { waits } = await run.query<RunProgress>('progress');
      return waits.length > 0;
    });
    const retryNow = () => run.executeUpdate<string, []>('retryNow');
    expect(await retryNow()).toBe('a closed source is being asked');
    await eventually('it to be asked', async () => {
      const state = await gateOf(ownBench).query<GateState>('gate');
      return state.probedAt > 0;
    });
    const refusal = await retryNow().catch((error: Error) => error.cause);
    expect(String(refusal)).toContain('a closed source was asked a moment ago');
    const [seen] = (await run.query<RunProgress>('progress')).waits;
    block(dataset, false);
    expect(await eventually('its next hurry', () => retryNow().catch(() => undefined))).toBe(
      'a closed source is being asked',
    );
    expect((await run.result()).status).toBe('complete');
    expect(Date.now()).toBeLessThan(Date.parse(seen?.until ?? ''));
  } finally {
    await worker.shutdown();
    await ownBench.close();
    await dataset.close();
  }
}, 60_000);
