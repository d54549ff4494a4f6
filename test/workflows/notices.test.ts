import { afterAll, beforeAll, expect, test } from 'vitest';
import { noticeHeaders } from '../../src/activities/notices/sign-notice.ts';
import { readConfig } from '../../src/config.ts';
import type { RunProgress } from '../../src/domain/run/progress.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { type ReceivedNotice, receiveNotices } from '../support/network/receive-notices.ts';
import { payloadOf, Stranger } from '../support/server/stranger.ts';
import { picture } from '../support/watch-run.ts';

const SECRET = 'a secret of twenty-odd letters';
const config = readConfig({ FFHQ_NOTIFY_SECRET: SECRET, FFHQ_QUOTA_WAIT: '4' });

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

function expectSigned({ headers, text }: ReceivedNotice): void {
  const at = Number(headers['webhook-timestamp']) * 1000;
  const expected = noticeHeaders(SECRET, String(headers['webhook-id']), text, at);
  expect(headers).toMatchObject(expected);
}

test('whoever was named hears, signed and once each, that a run waits, was paused and is complete', async () => {
  const dataset = await serveDataset({ records: 2, kinds: ['images'], pngSize: 32 });
  // The first answer is a refusal: the same notice comes once more.
  const receiver = await receiveNotices([503]);
  try {
    dataset.drive.behave(dataset.idOf(picture('images', 1)), { kind: 'quota', times: 1 });
    const worker = await bench.startWorker(dataset, { config });
    try {
      const run = await bench.startRun(dataset, { notify: { url: receiver.url, afterMs: 1_000 } });
      const told = (event: string) => receiver.received.filter(({ body }) => body.event === event);
      await eventually('to be told of the wait', () => told('waiting').length === 2);
      await run.executeUpdate('pause');
      await eventually('to be told of the pause', () => told('paused').length === 1);
      await run.executeUpdate('resume');
      expect((await run.result()).status).toBe('complete');

      expect(receiver.received.map(({ body }) => body.event)).toEqual([
        'waiting',
        'waiting',
        'paused',
        'complete',
      ]);
      for (const notice of receiver.received) expectSigned(notice);
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(ids[0]).toBe(ids[1]);
      expect(new Set(ids).size).toBe(3);
      const [waiting] = told('waiting');
      expect(waiting?.body).toMatchObject({
        run: run.workflowId,
        waits: [{ reason: 'quota', until: expect.stringMatching(/^\d{4}-/) }],
      });
      expect(told('complete')[0]?.body).toMatchObject({ failedFiles: 0, waits: [] });
      for (const { text } of receiver.received) expect(text).not.toContain(dataset.out);
    } finally {
      await worker.shutdown();
    }
  } finally {
    await receiver.close();
    await dataset.close();
  }
});

test('whoever reaches the server writes nothing into notices, floods nobody with them and silences none', async () => {
  const dataset = await serveDataset({ records: 2, kinds: ['images'], pngSize: 32 });
  const receiver = await receiveNotices();
  dataset.drive.behave(dataset.idOf(picture('images', 1)), { kind: 'blocked', how: '429' });
  const worker = await bench.startWorker(dataset, { config });
  const stranger = new Stranger(bench);
  try {
    const run = await bench.startRun(dataset, { notify: { url: receiver.url, afterMs: 2_000 } });
    const name = `${run.workflowId}/images/00000`;
    const waits = async () => (await run.query<RunProgress>('progress')).waits;
    await eventually('a wait at the gate', async () => (await waits()).length > 0);
    const before = await waits();
    const wait = { what: 'a file', reason: 'quota', until: '2030-01-01T00:00:00.000Z' };
    const says = (told: object) =>
      stranger.signal(run.workflowId, 'childWaits', payloadOf({ name, at: Date.now() + 60_000, ...told }));
    await says({ wait: { ...wait, since: '1969-01-01T00:00:00.000Z' } });
    await says({});
    expect(await waits()).toEqual(before);
    await eventually('to be told of the wait', () => receiver.received.length > 0);
    for (const day of [1, 2, 3]) await says({ wait: { ...wait, since: `2001-01-0${day}T00:00:00.000Z` } });
    await run.executeUpdate('pause');
    await eventually('to be told of the pause', () => receiver.received.at(-1)?.body.event === 'paused');
    expect(receiver.received.map(({ body }) => body.event)).toEqual(['waiting', 'paused']);
    const [{ reason, until } = {}] = before;
    expect(receiver.received[0]?.body).toMatchObject({ waits: [{ reason, until }] });
    await run.terminate();
  } finally {
    await worker.shutdown();
    await receiver.close();
    await dataset.close();
  }
});

test('a run that cannot begin tells that it failed', async () => {
  const dataset = await serveDataset({ records: 1, kinds: ['images'], pngSize: 32 });
  const receiver = await receiveNotices();
  const worker = await bench.startWorker(dataset, { config });
  try {
    const request = {
      ...dataset.request,
      manifest: { name: 'other', location: '/nowhere/manifest.json' },
    } as const;
    const run = await bench.startRun(dataset, {
      request,
      notify: { url: receiver.url, afterMs: 1_000 },
    });
    await expect(run.result()).rejects.toThrow();
    expect(receiver.received.map(({ body }) => body.event)).toEqual(['failed']);
  } finally {
    await worker.shutdown();
    await receiver.close();
    await dataset.close();
  }
});
