import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { officialManifest } from '../../../src/domain/dataset/reference-files.ts';
import type { ChildProgress, RunProgress, Wait } from '../../../src/domain/run/progress.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { ARCHIVE_ID, ARCHIVE_PATH, serveArchive } from '../../support/datasets/serve-archive.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { picture, requestsFor, runsOf, timesAsked } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const HOUR = 3600 * 1000;
const config = readConfig({});

/** The only wait that the run knows of, once its files were refused so often. */
async function onlyWait(run: WorkflowHandle, times: number): Promise<Wait> {
  return eventually(`a wait after refusal ${times}`, async () => {
    const { waits } = await run.query<RunProgress>('progress');
    return waits.length === 1 && waits[0]?.times === times && waits[0];
  });
}

const give = (...words: string[]) => giveInProcess([...words, '--address', inject('temporalAddress')]);

async function waitsOfChild(run: WorkflowHandle): Promise<readonly Wait[]> {
  return (await run.query<ChildProgress>('childProgress').catch(() => undefined))?.waits ?? [];
}

async function refusal(update: Promise<unknown>): Promise<string | undefined> {
  const error = await update.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause?.message;
}

test('a quota that does not end: the run waits and says since when, through a pause too, and `retry-now` ends each wait', async () => {
  const dataset = await serveDataset({ records: 4, kinds: ['thumbs'] }, { bundleFiles: 2 });
  const path = picture('thumbs', 1);
  const license = dataset.idOf('LICENSE.txt');
  dataset.drive.behave(license, { kind: 'quota', times: 1 });
  dataset.drive.behave(dataset.idOf(path), { kind: 'quota' });
  const worker = await bench.startWorker(dataset, { config });
  try {
    const run = await bench.startRun(dataset);
    expect(await onlyWait(run, 1)).toMatchObject({
      what: expect.stringMatching(/^licenses/),
      reason: 'quota',
    });
    expect(await run.executeUpdate('retryNow')).toBe('1 wait ended');

    const first = await eventually('the others to be there', async () => {
      const { kinds, waits } = await run.query<RunProgress>('progress');
      return kinds.thumbs?.doneFiles === 3 && waits[0];
    });
    const { since, until } = first;
    expect(first).toMatchObject({ what: 'thumbs 00000: 1 file', reason: 'quota', times: 1 });
    expect(Date.parse(until ?? '') - Date.parse(since ?? '')).toBeGreaterThanOrEqual(HOUR - 1_000);

    const status = await give('status', run.workflowId);
    expect(status.output).toMatch(
      /waiting: thumbs 00000: 1 file: quota, until \S+Z \(in \S+ \S+\); refused since \d{4}-.* UTC/,
    );
    expect(await give('retry-now', run.workflowId)).toMatchObject({
      exitCode: 0,
      output: `${run.workflowId}: 1 wait ended\n`,
    });
    const second = await onlyWait(run, 2);
    expect(second.since).toBe(since);
    expect(Date.parse(second.until ?? '') - Date.now()).toBeGreaterThan(2 * HOUR - 60_000);

    await run.executeUpdate('pause');
    expect(await run.executeUpdate('retryNow')).toMatch(/^1 wait ended; the run is paused/);
    expect(await give('retry-now', run.workflowId)).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining(
        `retry-now [run=${run.workflowId}]: rejected: nothing waits for a quota or a closed source`,
      ),
    });
    expect(timesAsked(dataset, path)).toBe(2);
    await run.executeUpdate('resume');
    expect((await onlyWait(run, 3)).since).toBe(since);
    expect(timesAsked(dataset, path)).toBe(3);

    dataset.drive.behave(dataset.idOf(path), undefined);
    await run.executeUpdate('retryNow');
    expect(await run.result()).toMatchObject({ status: 'complete' });
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
});

test('`retry-now` reaches a folder that is under way: what it met a quota for comes in the same pass', async () => {
  const dataset = await serveDataset(
    { records: 4, kinds: ['images'], pngSize: 200, noiseBits: 8 },
    { bundleFiles: 2 },
  );
  const [refused, slow] = [picture('images', 0), picture('images', 3)];
  dataset.drive.behave(dataset.idOf(refused), { kind: 'quota' });
  dataset.drive.behave(dataset.idOf(slow), { kind: 'drip', bytesPerSecond: 20_000 });
  const worker = await bench.startWorker(dataset, { config, chunkBytes: 4_096 });
  try {
    const run = await bench.startRun(dataset);
    await eventually('a file to be on its way', () =>
      requestsFor(dataset, slow).some(({ bytesSent }) => bytesSent > 5_000),
    );
    const folder = bench.connected.client.workflow.getHandle(`${run.workflowId}/images/00000`);
    await eventually(
      'the folder to know of the quota',
      async () => (await waitsOfChild(folder)).length === 1,
    );
    dataset.drive.behave(dataset.idOf(refused), undefined);
    expect(await run.executeUpdate('retryNow')).toBe('1 wait ended');
    // The folder was asked, and has nothing left to end.
    expect(await refusal(run.executeUpdate('retryNow'))).toBe('nothing waits for a quota or a closed source');
    dataset.drive.behave(dataset.idOf(slow), undefined);
    expect(await run.result()).toMatchObject({ status: 'complete' });
    expect(await runsOf(bench, folder.workflowId)).toHaveLength(1);
    expect(timesAsked(dataset, refused)).toBe(2);
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
});

test('a file that is being fetched after its wait is not said to wait', async () => {
  const dataset = await serveDataset({ records: 1, kinds: ['images'], pngSize: 200, noiseBits: 8 });
  const path = picture('images', 0);
  const { drive } = dataset;
  drive.behave(dataset.idOf(path), [
    { kind: 'quota', times: 1 },
    { kind: 'drip', bytesPerSecond: 20_000 },
  ]);
  const worker = await bench.startWorker(dataset, { config, chunkBytes: 4_096 });
  try {
    const run = await bench.startRun(dataset);
    await onlyWait(run, 1);
    await run.executeUpdate('retryNow');
    await eventually('its bytes to come', () =>
      requestsFor(dataset, path).some(({ bytesSent }) => bytesSent > 5_000),
    );
    const folder = bench.connected.client.workflow.getHandle(`${run.workflowId}/images/00000`);
    expect((await folder.query<ChildProgress>('childProgress')).waits).toEqual([]);
    drive.behave(dataset.idOf(path), undefined);
    expect((await run.result()).status).toBe('complete');
  } finally {
    await worker.shutdown();
    await dataset.close();
  }
});

test('an archive under quota: a pause does not end its wait, `retry-now` does, and what it knows of its quota stays', async () => {
  const served = await serveArchive();
  served.drive.behave(ARCHIVE_ID, { kind: 'quota' });
  const worker = await bench.startWorker(served, { config });
  const asked = () => served.drive.requests.filter(({ path }) => path === '/uc').length;
  const waited = (times: number) =>
    eventually(`refusal ${times}`, async () =>
      (await waitsOfChild(archive)).find((wait) => wait.times === times),
    );
  const archive = await served.start(bench);
  try {
    const { since, what } = await waited(1);
    expect(what).toBe(ARCHIVE_PATH);
    await archive.signal('setPaused', true);
    await archive.signal('setPaused', false);
    await archive.signal('retryNow', { question: 1 });
    expect((await waited(2)).since).toBe(since);
    expect(asked()).toBe(2);
    served.drive.behave(ARCHIVE_ID, undefined);
    await archive.signal('retryNow', { question: 1 });
    expect((await archive.result()).tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1 });
    expect((await archive.query<ChildProgress>('childProgress')).waits).toEqual([]);
  } finally {
    await worker.shutdown();
    await served.close();
  }
});

test('the large manifest under quota is waited for, and `retry-now` has it asked for again', async () => {
  const dataset = await serveDataset({ records: 1, kinds: ['thumbs'] }, { manifest: { name: 'official' } });
  const id = new URL(officialManifest.url).searchParams.get('id') ?? '';
  const open = (from: number, to: number) => Buffer.alloc(to - from);
  const file = { name: officialManifest.key, size: officialManifest.size, open };
  const drive = await startDriveStandIn({ files: new Map([[id, file]]) });
  drive.behave(id, { kind: 'quota' });
  const worker = await bench.startWorker({ drive }, { config });
  try {
    const run = await bench.startRun(dataset);
    const child = bench.connected.client.workflow.getHandle(`${run.workflowId}/json`);
    const waited = (times: number) =>
      eventually(`refusal ${times}`, async () =>
        (await waitsOfChild(child)).find((wait) => wait.times === times),
      );
    const { since } = await waited(1);
    // The run knows of it too: whoever is told by --notify hears of it from there.
    await eventually('the run to say that it waits', async () =>
      (await run.query<RunProgress>('progress')).waits.find((wait) => wait.since === since),
    );
    expect(await run.executeUpdate('retryNow')).toBe('1 wait ended');
    expect((await waited(2)).since).toBe(since);
    await run.cancel();
    await expect(run.result()).rejects.toThrow();
  } finally {
    await worker.shutdown();
    await drive.close();
    await dataset.close();
  }
});
