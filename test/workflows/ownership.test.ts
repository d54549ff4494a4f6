import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STATE_FOLDER, statePaths } from '../../src/domain/dataset/layout.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { pendingActivities } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** What the Activity at the bottom of a failed run said. */
async function failureOf(run: Pick<WorkflowHandle, 'result'>): Promise<ApplicationFailure> {
  const error = await run.result().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  let cause = (error as WorkflowFailedError).cause;
  while (cause !== undefined && !(cause instanceof ApplicationFailure))
    cause = cause.cause as Error | undefined;
  if (cause === undefined) throw new Error('expected an ApplicationFailure', { cause: error });
  return cause;
}

test('a second run on the folder, known to another server, is refused with the name of the first; --take-over ends the first', async () => {
  const dataset = await serveDataset({ records: 40, kinds: ['thumbs'] });
  try {
    dataset.drive.behave('all', { kind: 'drip', bytesPerSecond: 1_000 });
    dataset.drive.behave(dataset.idOf('ffhq-dataset-v2.json'), { kind: 'drip', bytesPerSecond: 1e9 });
    dataset.drive.behave(dataset.idOf('LICENSE.txt'), { kind: 'drip', bytesPerSecond: 1e9 });
    const worker = await bench.startWorker(dataset, { numThreads: 2 });
    try {
      const first = await bench.startRun(dataset);
      await eventually('pictures to be on their way', async () => {
        return (await pendingActivities(bench, [`${first.workflowId}/thumbs/00000`])).length > 0;
      });
      const owner = {
        workflowId: 'ffhq-elsewhere',
        clusterId: 'another-server',
        address: 'other.example:7233',
        namespace: 'default',
      };
      const refused = await failureOf(
        await bench.startRun(dataset, { owner, workflowId: `${first.workflowId}-refused` }),
      );
      expect(refused).toMatchObject({ type: 'Store.Owned', nonRetryable: true });
      expect(refused.message).toContain(`got run ${first.workflowId} of the Temporal server at `);
      expect(refused.message).toContain('--take-over');
      expect((await first.describe()).status.name).toBe('RUNNING');

      const second = await bench.startRun(dataset, {
        owner,
        workflowId: `${first.workflowId}-second`,
        takeOver: true,
      });
      const lost = await failureOf(first);
      expect(lost).toMatchObject({ type: 'Store.Owned', nonRetryable: true });
      expect(lost.message).toContain('got run ffhq-elsewhere');
      dataset.drive.behave('all', undefined);
      expect((await second.result()).progress.kinds.thumbs).toMatchObject({ doneFiles: 40, failedFiles: 0 });
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('a folder that is not mounted, or is another one, is waited for and not written to', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['thumbs'] });
  try {
    const run = await bench.startRun(dataset);
    const store = join(dataset.out, statePaths.store);
    const text = await readFile(store, 'utf8');
    const state = join(dataset.out, STATE_FOLDER);
    await rename(state, `${state}.away`);
    const worker = await bench.startWorker(dataset);
    try {
      const [waiting] = await eventually('an attempt to fail', async () => {
        const pending = await pendingActivities(bench, [run.workflowId]);
        return pending[0]?.lastFailure ? pending : undefined;
      });
      expect(waiting?.lastFailure?.applicationFailureInfo?.type).toBe('Store.NotMounted');
      expect(waiting?.lastFailure?.message).toMatch(/got no store; is the share mounted on this host\?/);
      expect(dataset.drive.requests).toEqual([]);

      await mkdir(state);
      await writeFile(store, text.replace(/[0-9a-f]{32}/, 'f'.repeat(32)));
      await eventually(
        'the wrong folder to be noticed',
        async () => {
          const [pending] = await pendingActivities(bench, [run.workflowId]);
          return pending?.lastFailure?.message?.includes(`got store ${'f'.repeat(32)}`);
        },
        30_000,
      );
      expect(dataset.drive.requests).toEqual([]);
      await rm(state, { recursive: true });
      await rename(`${state}.away`, state);
      expect((await run.result()).status).toBe('complete');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('too little space is an error before the first byte, with the numbers', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['thumbs'] });
  try {
    const worker = await bench.startWorker(dataset, { reserveBytes: 2 ** 62 });
    try {
      const run = await bench.startRun(dataset, {
        request: {
          ...dataset.request,
          license: { name: 'none' },
          manifest: { name: 'other', location: dataset.sample.manifestPath },
        },
      });
      const failure = await failureOf(run);
      expect(failure).toMatchObject({ type: 'Store.TooLittleSpace', nonRetryable: true });
      expect(failure.message).toMatch(
        /expected \d+ bytes free beside the reserve of \d+ \(--reserve\), got \d+/,
      );
      expect(dataset.drive.requests).toEqual([]);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});
