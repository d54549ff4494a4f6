import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import type { ActivityDependencies } from '../../../src/activities/dependencies.ts';
import { fetchRange } from '../../../src/activities/fetch/fetch-range.ts';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { SpaceGuard } from '../../../src/activities/store/free-space.ts';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import type { RangeInput, RangeResult } from '../../../src/domain/run/activity-inputs.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { archiveSpec } from '../../support/serve-archive.ts';

const ID = '1ArchiveArchiveArchiveArchiveArch';
const SIZE = 300_000;
const bytes = Buffer.from(Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 8)) & 0xff));

let root: string;
let drive: DriveStandIn;
let sources: SourceBook;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-range-'));
  drive = await startDriveStandIn({ files: new Map([[ID, fileOfBytes(bytes, { name: 'r00' })]]) });
  sources = makeSourceBook({ connections: 4, googleOrigin: drive.origin, env: {} });
});
afterEach(async () => {
  await sources.close();
  await drive.close();
  await rm(root, { recursive: true });
});

async function fetchUpTo(end: number, request: RunRequest = archiveRequest): Promise<RangeResult> {
  const writer = new WriterProcess(workerIdentity(), () => false);
  const dependencies: ActivityDependencies = {
    ...makeManifestCaches(),
    door: new StoreDoor(undefined),
    sources,
    verifier: new VerifyThreads(),
    alignSlots: new Slots(1),
    fileSlots: new Slots(4),
    space: new SpaceGuard(0),
    writer,
    verifiedLog: new VerifiedLog(writer.name),
    failureLog: new FailureLog(writer.name),
    chunkBytes: 16_384,
    quotaWaitMs: 60_000,
  };
  const input: RangeInput = {
    store: await ensureStore(root),
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    run: 'r',
    request,
    file: archiveSpec(ID, 'tfrecords/ffhq/r00.tfrecords', bytes),
    end,
  };
  return new MockActivityEnvironment().run(activity(dependencies, fetchRange), input);
}

const ranges = () => drive.requests.filter(({ answer }) => answer === 'file').map(({ range }) => range);
const folder = () => join(root, 'tfrecords/ffhq');

/** So many bytes are there; nothing is settled yet. */
const grown = (size: number) => ({
  size,
  interrupted: false,
  tally: { doneFiles: 0, failedFiles: 0, deferredFiles: 0 },
});
const stored = {
  interrupted: false,
  tally: { doneFiles: 1, doneBytes: SIZE, fetchedFiles: 1, failedFiles: 0, deferredFiles: 0 },
};

test('an archive grows range by range, is verified at its end, and no byte is asked for twice', async () => {
  expect(await fetchUpTo(100_000)).toMatchObject(grown(100_000));
  expect(await readdir(folder())).toEqual(['r00.tfrecords.ffhq-part']);
  expect(await fetchUpTo(200_000)).toMatchObject(grown(200_000));
  expect(await fetchUpTo(SIZE)).toMatchObject(stored);
  expect(await readdir(folder())).toEqual(['r00.tfrecords']);
  expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
  expect(ranges()).toEqual(['bytes=0-99999', 'bytes=100000-199999', 'bytes=200000-']);
});

test('a range that is there already is not fetched, and what lies beyond it is said', async () => {
  await fetchUpTo(200_000);
  expect(await fetchUpTo(100_000)).toMatchObject(grown(200_000));
  expect(ranges().length).toBe(1);
});

test('from a source that cannot begin in the middle every range starts over, and the file is right', async () => {
  drive.behave(ID, { kind: 'ignore-range' });
  expect(await fetchUpTo(100_000)).toMatchObject(grown(100_000));
  expect(await fetchUpTo(SIZE)).toMatchObject(stored);
  expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
});

test('quota defers an archive by the user`s wait, without a fault', async () => {
  drive.behave(ID, { kind: 'quota' });
  const before = Date.now();
  const result = await fetchUpTo(SIZE);
  const { deferred } = result;
  if (deferred === undefined) throw new Error(`expected it deferred, got ${JSON.stringify(result)}`);
  expect(deferred.reason).toBe('quota');
  expect(deferred.until - before).toBeGreaterThanOrEqual(60_000);
  expect(deferred.until - Date.now()).toBeLessThanOrEqual(60_000);
  expect(result.tally.failedFiles).toBe(0);
});

test('a wait that the host names is kept for an archive too: it is Temporal’s, and nothing is asked before', async () => {
  drive.behave(ID, { kind: 'status', status: 503, retryAfter: '600' });
  for (let attempt = 0; attempt < 3; attempt++) {
    const failure = await fetchUpTo(SIZE).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'Source.RateLimited', nonRetryable: false });
    expect(Number(Reflect.get(Object(failure), 'nextRetryDelay'))).toBeGreaterThan(590_000);
  }
  expect(drive.requests).toHaveLength(1);
});

test('faults count on over the end of an Activity: what waits between two of them is not given fresh attempts', async () => {
  drive.behave(ID, { kind: 'truncate', toBytes: 1_000 });
  await expect(fetchUpTo(SIZE)).rejects.toThrow('fault 1 of 2');
  expect(await fetchUpTo(SIZE)).toMatchObject({
    failure: expect.stringMatching(/^short-body: /),
    tally: { doneFiles: 0, failedFiles: 1 },
  });
});

test('where nothing is to be fetched, a source that no worker can open is no matter', async () => {
  await fetchUpTo(SIZE);
  const look = { ...archiveRequest, source: { name: 'no-such-source' }, fetch: 'nothing' } as const;
  expect(await fetchUpTo(SIZE, look)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  const fetch = { ...look, fetch: 'missing' } as const;
  expect(await fetchUpTo(SIZE, fetch)).toMatchObject({ tally: { doneFiles: 1 } });
  await rm(join(folder(), 'r00.tfrecords'));
  await expect(fetchUpTo(SIZE, fetch)).rejects.toMatchObject({ type: 'Input.Source', nonRetryable: true });
});
