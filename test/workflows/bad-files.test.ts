import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailureLog } from '../../src/activities/records/failure-log.ts';
import { readConfig } from '../../src/config.ts';
import type { ChildProgress, RunProgress } from '../../src/domain/run/progress.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { testSeal } from '../support/test-key.ts';
import { pendingActivities, picture, readReport, timesAsked } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('bad files never stop a run: each is reported with what to do, and the next run works on exactly those', async () => {
  // 200 pixels square: above the bytes of headway for which a broken transfer is not counted against its file.
  const dataset = await serveDataset({ records: 12, kinds: ['images'], pngSize: 200, noiseBits: 8 });
  const { drive, idOf } = dataset;
  const [missing, corrupt, secret, oversized, truncated] = [1, 2, 3, 4, 5].map((id) =>
    picture('images', id),
  ) as [string, string, string, string, string];
  try {
    drive.behave(idOf(missing), { kind: 'missing' });
    drive.behave(idOf(corrupt), { kind: 'flip-byte', at: 5_000 });
    drive.behave(idOf(secret), { kind: 'private' });
    // Without a length nobody knows before the end that there is too much of it.
    drive.behave(idOf(oversized), [
      { kind: 'extra-bytes', bytes: 10 },
      { kind: 'no-length', framing: 'chunked' },
    ]);
    drive.behave(idOf(truncated), { kind: 'truncate', toBytes: 1_000 });

    const result = await bench.runToEnd(dataset);
    expect(result.status).toBe('complete with failures');
    expect(result.progress.kinds.images).toMatchObject({ files: 12, doneFiles: 7, failedFiles: 5 });

    const { json, text } = await readReport(dataset);
    expect(json.status).toBe('complete with failures');
    expect(json.failures.map(({ kind, key, reason, attempts }) => ({ kind, key, reason, attempts }))).toEqual(
      [
        { kind: 'images', key: '1', reason: 'missing', attempts: 1 },
        { kind: 'images', key: '2', reason: 'wrong-md5', attempts: 3 },
        { kind: 'images', key: '3', reason: 'private', attempts: 1 },
        { kind: 'images', key: '4', reason: 'oversized-body', attempts: 3 },
        { kind: 'images', key: '5', reason: 'short-body', attempts: 3 },
      ],
    );
    for (const failure of json.failures) {
      expect(failure.detail).not.toBe('');
      expect(failure.whatToDo).not.toBe('');
      expect(text).toContain(`${failure.path}: ${failure.outcome} (${failure.reason}`);
    }
    for (const path of [missing, secret]) expect(timesAsked(dataset, path)).toBe(1);
    for (const path of [corrupt, oversized, truncated]) {
      expect(timesAsked(dataset, path)).toBe(3);
      expect(existsSync(join(dataset.out, path))).toBe(false);
    }

    for (const path of [missing, corrupt, secret, oversized, truncated]) drive.behave(idOf(path), undefined);
    const before = drive.requests.length;
    const again = await bench.runToEnd(dataset);
    expect(again.status).toBe('complete');
    expect(again.progress.kinds.images).toMatchObject({ doneFiles: 12, fetchedFiles: 5, failedFiles: 0 });
    const asked = drive.requests
      .slice(before)
      .filter(({ path, file }) => path === '/uc' && file !== undefined);
    expect(new Set(asked.map(({ file }) => file))).toEqual(
      new Set([missing, corrupt, secret, oversized, truncated].map(idOf)),
    );
    expect((await readReport(dataset)).json.failures).toEqual([]);
  } finally {
    await dataset.close();
  }
});

test('a file under quota is left for later, its lane goes on, and it is asked for again only after the wait', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['thumbs'], pngSize: 32 }, { bundleFiles: 1 });
  const path = picture('thumbs', 0);
  try {
    const slow = picture('thumbs', 5);
    dataset.drive.behave(dataset.idOf(path), { kind: 'quota', times: 1 });
    dataset.drive.behave(dataset.idOf(slow), { kind: 'drip', bytesPerSecond: 200 });
    const config = readConfig({ FFHQ_QUOTA_WAIT: '8' });
    const worker = await bench.startWorker(dataset, { config });
    try {
      const run = await bench.startRun(dataset);
      const shard = bench.connected.client.workflow.getHandle(`${run.workflowId}/thumbs/00000`);
      await eventually('the others to arrive', async () => {
        if (timesAsked(dataset, slow) === 0) return false;
        const { tally } = await shard.query<ChildProgress>('childProgress');
        return tally.doneFiles === 4 && tally.deferredFiles === 1;
      });
      // A pause in between, for which the shard plans anew, does not make it be asked for sooner.
      await run.executeUpdate('pause');
      await run.executeUpdate('resume');
      dataset.drive.behave(dataset.idOf(slow), undefined);
      const waits = await eventually('nothing to be left but the wait', async () => {
        const progress = await run.query<RunProgress>('progress');
        return progress.waits.length > 0 && progress.waits;
      });
      expect(waits).toMatchObject([{ what: 'thumbs 00000: 1 file', reason: 'quota' }]);
      // The wait is Temporal's alone: no Activity of anybody is open meanwhile.
      expect(await pendingActivities(bench, [run.workflowId, shard.workflowId])).toEqual([]);

      const result = await run.result();
      expect(result.status).toBe('complete');
      expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 6, deferredFiles: 0, fetchedFiles: 6 });
      const [first, second, ...more] = dataset.drive.requests.filter(
        (request) => request.path === '/uc' && request.file === dataset.idOf(path),
      );
      expect(more).toEqual([]);
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(8_000);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
});

test('what a heartbeat says of a failed file is on the disk by then: a kill loses no line of the report', async () => {
  const dataset = await serveDataset(
    { records: 6, kinds: ['images'], pngSize: 200, noiseBits: 8 },
    { bundleFiles: 6 },
  );
  try {
    dataset.drive.behave(dataset.idOf(picture('images', 1)), { kind: 'missing' });
    const slow = dataset.idOf(picture('images', 4));
    dataset.drive.behave(slow, { kind: 'drip', bytesPerSecond: 1_000 });
    const worker = await bench.startWorker(dataset);
    try {
      const run = await bench.startRun(dataset);
      await eventually('a heartbeat that tells of the failure', async () => {
        const [bundle] = await pendingActivities(bench, [`${run.workflowId}/images/00000`]);
        const details = bundle?.heartbeatDetails?.payloads?.[0]?.data ?? Buffer.alloc(0);
        return Buffer.from(details).toString().includes('"missing"');
      });
      const { runId } = await run.describe();
      const noted: string[] = [];
      for await (const { key } of new FailureLog('reader', testSeal).readFailures(dataset.out, runId))
        noted.push(key);
      expect(noted).toEqual(['1']);
      // What is on its way goes on as slowly, unless it is asked for again.
      dataset.drive.behave(slow, undefined);
      await run.executeUpdate('pause');
      await run.executeUpdate('resume');
      expect((await run.result()).status).toBe('complete with failures');
    } finally {
      await worker.shutdown();
    }
  } finally {
    await dataset.close();
  }
}, 120_000);
