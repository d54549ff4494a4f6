import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LimitChanges, RunLimits } from '../../../src/domain/limits/limits.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('limits are the run’s: kept in its memo, changed one by one, and nothing else is taken for some', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['images'], pngSize: 200, noiseBits: 8 });
  dataset.drive.behave('all', { kind: 'drip', bytesPerSecond: 40_000 });
  const worker = await bench.startWorker(dataset, { numThreads: 6, chunkBytes: 4_096 });
  try {
    const run = await bench.startRun(dataset);
    const set = (changes: LimitChanges) =>
      run.executeUpdate<RunLimits, [LimitChanges]>('setLimits', { args: [changes] });
    const kept = async () => (await run.describe()).memo?.limits;
    expect(await set({ files: 1, requests: 50 })).toEqual({ files: 1, requests: 50 });
    expect(await set({ bandwidth: { text: '20M' }, requests: 'off' })).toEqual({
      files: 1,
      bandwidth: { text: '20M' },
    });
    const now = { files: 1, bandwidth: { text: '20M' } };
    expect(await kept()).toEqual({ asked: {}, now });
    for (const wrong of [{}, { files: 0 }, { bandwidth: { text: 'fast' } }, 'x', null]) {
      const refused = await set(wrong as LimitChanges).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    }
    expect(await kept()).toEqual({ asked: {}, now });
    const open = () => dataset.drive.requests.filter(({ closed, answer }) => !closed && answer === 'file');
    await eventually('one picture at a time', () => open().length === 1);
    await set({ files: 'off', bandwidth: { text: 'off' } });
    await eventually('several pictures at a time', () => open().length > 1);
    dataset.drive.behave('all', undefined);
    expect((await run.result()).status).toBe('complete');
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
});
