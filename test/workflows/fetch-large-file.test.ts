import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FailureLog } from '../../src/activities/records/failure-log.ts';
import { readVerified } from '../../src/activities/records/verified-records.ts';
import { NO_FOLDER } from '../../src/domain/dataset/layout.ts';
import type { ChildProgress } from '../../src/domain/run/progress.ts';
import type { DriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import {
  archiveBytes as bytes,
  ARCHIVE_ID as ID,
  ARCHIVE_PATH as PATH,
  type ServedArchive,
  ARCHIVE_SIZE as SIZE,
  serveArchive,
} from '../support/datasets/serve-archive.ts';
import { eventually } from '../support/eventually.ts';
import { testSeal } from '../support/test-key.ts';
import { pendingActivities } from '../support/watch-run.ts';

let bench: TestBench;
let served: ServedArchive;
let drive: DriveStandIn;
let out: string;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  served = await serveArchive();
  ({ drive, out } = served);
});
afterEach(() => served.close());

const start = () => served.start(bench);
const bodies = () => drive.requests.filter(({ answer }) => answer === 'file');
const inFolder = () => readdir(join(out, 'tfrecords/ffhq')).catch(() => []);

test('an archive whose connection is cut again and again goes on each time from what is on the disk', async () => {
  drive.behave(ID, { kind: 'cut', afterBytes: 1_000_000, how: 'close' });
  const worker = await bench.startWorker(served, { chunkBytes: 64 * 1024 });
  try {
    const result = await (await start()).result();
    expect(result.tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1, fetchedBytes: SIZE });
    expect((await readFile(join(out, PATH))).equals(bytes)).toBe(true);
    expect(await inFolder()).toEqual(['ffhq-r00.tfrecords']);
    const starts = bodies().map(({ range }) => Number(/^bytes=(\d+)-/.exec(range ?? 'bytes=0-')?.[1]));
    // What a broken connection had not handed over yet comes again, nothing else.
    expect(starts.length).toBeGreaterThanOrEqual(4);
    for (const [nth, from] of starts.entries()) {
      if (nth === 0) continue;
      expect(from).toBeGreaterThan((starts[nth - 1] ?? 0) + 500_000);
    }
    // A transfer that came well forward is no fault of the file, or two cuts would have ended it.
    expect(result.failure).toBeUndefined();
  } finally {
    await worker.shutdown();
  }
});

test('an archive that is always corrupt is thrown away, tried again, and then failed with its reason', async () => {
  drive.behave(ID, { kind: 'flip-byte', at: 2_000_000 });
  const worker = await bench.startWorker(served);
  try {
    const run = await start();
    const result = await run.result();
    expect(result.failure).toMatch(/^wrong-md5: .*expected file MD5/);
    expect(result.tally.failures['wrong-md5']).toEqual({ count: 1, first: ['ffhq-r00'] });
    expect(bodies().length).toBe(2);
    expect(await inFolder()).toEqual([]);
    const failures = [];
    for await (const failure of new FailureLog('reader', testSeal).readFailures(out, run.workflowId))
      failures.push(failure);
    expect(failures).toMatchObject([
      { key: 'ffhq-r00', reason: 'wrong-md5', attempts: 2, outcome: 'corrupt' },
    ]);
  } finally {
    await worker.shutdown();
  }
});

test('pause and cancellation keep the partial archive, and it is gone on with', async () => {
  drive.behave(ID, { kind: 'drip', bytesPerSecond: 400_000 });
  const worker = await bench.startWorker(served, { chunkBytes: 16 * 1024 });
  try {
    const first = await start();
    await eventually('some of it', () => (bodies()[0]?.bytesSent ?? 0) > 200_000);
    await first.signal('setPaused', true);
    await eventually('no Activity to be open', async () => {
      return (await pendingActivities(bench, [first.workflowId])).length === 0;
    });
    expect(await first.query<ChildProgress>('childProgress')).toMatchObject({
      paused: true,
      kind: 'tfrecords',
    });
    expect(await inFolder()).toEqual(['ffhq-r00.tfrecords.ffhq-part']);
    await first.signal('setPaused', false);
    await eventually('more of it', () => (bodies()[1]?.bytesSent ?? 0) > 100_000);
    await first.cancel();
    await expect(first.result()).rejects.toThrow();
    expect(await inFolder()).toEqual(['ffhq-r00.tfrecords.ffhq-part']);

    drive.behave(ID, undefined);
    await rm(join(out, '.ffhq/owner.json'));
    const second = await start();
    expect((await second.result()).tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1 });
    expect((await readFile(join(out, PATH))).equals(bytes)).toBe(true);
    const [, resumed, last, ...more] = bodies();
    expect(more).toEqual([]);
    expect([resumed?.status, last?.status]).toEqual([206, 206]);
  } finally {
    await worker.shutdown();
  }
});

test('an archive that is there already is read, not fetched', async () => {
  const worker = await bench.startWorker(served);
  try {
    await (await start()).result();
    const asked = drive.requests.length;
    await rm(join(out, '.ffhq/owner.json'), { force: true });
    await rm(join(out, '.ffhq/verified'), { recursive: true });
    const again = await (await start()).result();
    expect(again.tally).toMatchObject({ doneFiles: 1, fetchedFiles: 0 });
    expect(drive.requests.length).toBe(asked);
  } finally {
    await worker.shutdown();
  }
});

test('a damaged archive is replaced by one that is fetched once, and noted as damaged before that', async () => {
  const worker = await bench.startWorker(served);
  try {
    await mkdir(dirname(join(out, PATH)), { recursive: true });
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(bytes.readUInt8(12_345) ^ 1, 12_345);
    await writeFile(join(out, PATH), damaged);
    const run = await start();
    expect((await run.result()).tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1 });
    expect((await readFile(join(out, PATH))).equals(bytes)).toBe(true);
    expect(bodies().length).toBe(1);
    const records = (await readVerified(out, 'tfrecords', NO_FOLDER, testSeal)).get(PATH);
    expect(records?.map(({ how }) => how)).toEqual(['damaged', 'stored']);
  } finally {
    await worker.shutdown();
  }
});

test('an archive of a replaced host waits under its own name, and not one byte of it is fetched again', async () => {
  const foreign = join(out, `${PATH}.w77-0badc0de-abcdef01-0a0b0c0d-9-0.ffhq-part`);
  await mkdir(dirname(foreign), { recursive: true });
  await writeFile(foreign, bytes.subarray(0, SIZE - 1_000));
  const worker = await bench.startWorker(served);
  try {
    const run = await start();
    await eventually('the wait to be named', async () => {
      const [pending] = await pendingActivities(bench, [run.workflowId]);
      return pending?.lastFailure?.applicationFailureInfo?.type === 'Store.PartialHeld';
    });
    const then = new Date(Date.now() - 310_000);
    await utimes(foreign, then, then);
    expect((await run.result()).tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1 });
    expect(bodies().map(({ range, bytesSent }) => [range, bytesSent])).toEqual([
      [`bytes=${SIZE - 1_000}-`, 1_000],
    ]);
    expect(await inFolder()).toEqual(['ffhq-r00.tfrecords']);
  } finally {
    await worker.shutdown();
  }
});
