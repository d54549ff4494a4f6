import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { fetchRange } from '../../../src/activities/fetch/fetch-range.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { SpaceGuard } from '../../../src/activities/store/free-space.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import type { RangeInput, RangeResult } from '../../../src/domain/run/activity-inputs.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { archiveSpec } from '../../support/datasets/serve-archive.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { downloadDependencies } from './download-dependencies.ts';

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

/** Whose reads are counted: bytes of files that were read whole. */
class CountingVerifier extends VerifyThreads {
  bytesRead = 0;

  override verify(...[spec, path, signal, onBytes]: Parameters<VerifyThreads['verify']>) {
    return super.verify(spec, path, signal, (bytes) => {
      this.bytesRead += bytes;
      onBytes?.(bytes);
    });
  }
}

interface RangeOptions {
  readonly request?: RunRequest;
  readonly verifier?: VerifyThreads;
  readonly heartbeatDetails?: unknown;
  readonly file?: RangeInput['file'];
  readonly space?: SpaceGuard;
}

const r00: RangeInput['file'] = { kind: 'tfrecords', key: 'r00' };

async function fetchUpTo(end: number, options: RangeOptions = {}): Promise<RangeResult> {
  const {
    request = archiveRequest,
    verifier = new VerifyThreads(),
    heartbeatDetails,
    file = r00,
    space = new SpaceGuard(0),
  } = options;
  const dependencies = downloadDependencies({
    ...{ sources, verifier, space },
    largeFiles: [archiveSpec(ID, 'tfrecords/ffhq/r00.tfrecords', bytes)],
  });
  const input: RangeInput = {
    store: await ensureStore(root),
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    run: 'r',
    request,
    file,
    end,
  };
  await claim(input.store, input.owner, input.run, false);
  return new MockActivityEnvironment({ heartbeatDetails }).run(activity(dependencies, fetchRange), input);
}

const ranges = () => drive.requests.filter(({ answer }) => answer === 'file').map(({ range }) => range);
const wireBytes = () =>
  drive.requests.filter(({ answer }) => answer === 'file').map((sent) => sent.bytesSent);
const PARTIAL = 'r00.tfrecords.ffhq-part';
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

test('what an input says of a file beside its name is not believed, and a file that is not in the table is refused', async () => {
  const elsewhere = { ...r00, path: '../elsewhere', url: 'https://evil.example/x', size: 3, md5: '0' };
  expect(await fetchUpTo(SIZE, { file: elsewhere })).toMatchObject(stored);
  expect(await readdir(folder())).toEqual(['r00.tfrecords']);
  await expect(fetchUpTo(SIZE, { file: { ...elsewhere, key: 'r99' } })).rejects.toMatchObject({
    type: 'Input.Request',
    nonRetryable: true,
  });
});

test('a range that is there already is not fetched, and what lies beyond it is said', async () => {
  await fetchUpTo(200_000);
  expect(await fetchUpTo(100_000)).toMatchObject(grown(200_000));
  expect(ranges().length).toBe(1);
});

test('a source that gives no ranges is asked once, and costs one file`s bytes', async () => {
  drive.behave(ID, { kind: 'ignore-range' });
  expect(await fetchUpTo(100_000)).toMatchObject(stored);
  expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
  expect(wireBytes()).toEqual([SIZE]);
});

test('a range that is ignored once costs nothing that is on the disk, even when that answer breaks off', async () => {
  await fetchUpTo(200_000);
  drive.behave(ID, [{ kind: 'ignore-range' }, { kind: 'cut', afterBytes: 50_000, how: 'close' }]);
  await expect(fetchUpTo(SIZE)).rejects.toThrow('fault 1 of 2');
  expect((await stat(join(folder(), PARTIAL))).size).toBe(200_000);
  drive.behave(ID, undefined);
  expect(await fetchUpTo(SIZE)).toMatchObject(stored);
  expect(ranges().at(-1)).toBe('bytes=200000-');
  expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
});

test('a source that stops giving ranges in the middle costs one file`s bytes more, and the file is right', async () => {
  await fetchUpTo(100_000);
  drive.behave(ID, { kind: 'ignore-range' });
  expect(await fetchUpTo(200_000)).toMatchObject(stored);
  expect(wireBytes()).toEqual([100_000, SIZE]);
  expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
});

test('a damaged archive of the right size is read once, stays until the right one is there, and is then replaced', async () => {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(bytes.readUInt8(12_345) ^ 1, 12_345);
  const path = join(folder(), 'r00.tfrecords');
  await mkdir(folder(), { recursive: true });
  await writeFile(path, damaged);
  const verifier = new CountingVerifier();
  for (const end of [100_000, 200_000, 250_000])
    expect(await fetchUpTo(end, { verifier })).toMatchObject(grown(end));
  expect(verifier.bytesRead).toBe(SIZE);
  expect((await readFile(path)).equals(damaged)).toBe(true);
  expect(await fetchUpTo(SIZE, { verifier })).toMatchObject(stored);
  expect((await readFile(path)).equals(bytes)).toBe(true);
  // What was fetched was read back while it came.
  expect(verifier.bytesRead).toBe(SIZE);
  expect(ranges().length).toBe(4);
});

test('what takes the place of an archive that was wrong is looked at anew', async () => {
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), 'r00.tfrecords'), Buffer.alloc(SIZE));
  expect(await fetchUpTo(100_000)).toMatchObject(grown(100_000));
  await writeFile(join(folder(), 'r00.tfrecords'), bytes);
  expect(await fetchUpTo(SIZE)).toMatchObject({ tally: { doneFiles: 1, fetchedFiles: 0 } });
  expect(ranges().length).toBe(1);
});

describe('an archive that another host, or a container that is no more, began', () => {
  const FOREIGN = `r00.tfrecords.w77-0badc0de-abcdef01-0a0b0c0d-9-0.ffhq-part`;
  const age = async (seconds: number) => {
    const then = new Date(Date.now() - seconds * 1000);
    await utimes(join(folder(), FOREIGN), then, then);
  };
  beforeEach(async () => {
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), FOREIGN), bytes.subarray(0, 290_000));
  });

  test('is waited for while it may still be written, and gone on with when it is stale: nothing comes twice', async () => {
    await expect(fetchUpTo(SIZE)).rejects.toMatchObject({
      type: 'Store.PartialHeld',
      nonRetryable: false,
      nextRetryDelay: 15_000,
    });
    expect(drive.requests).toEqual([]);
    expect(await readdir(folder())).toEqual([FOREIGN]);
    await age(310);
    expect(await fetchUpTo(SIZE)).toMatchObject(stored);
    expect(ranges()).toEqual(['bytes=290000-']);
    expect(await readdir(folder())).toEqual(['r00.tfrecords']);
    expect((await readFile(join(folder(), 'r00.tfrecords'))).equals(bytes)).toBe(true);
  });

  test('is gone on with at once when that host let go of it', async () => {
    await rename(join(folder(), FOREIGN), join(folder(), PARTIAL));
    expect(await fetchUpTo(SIZE)).toMatchObject(stored);
    expect(ranges()).toEqual(['bytes=290000-']);
  });

  test('is not waited for without end: after half an hour a range is fetched beside it', async () => {
    const since = (minutes: number) => ({
      heartbeatDetails: { waitsSince: { r00: Date.now() - minutes * 60_000 } },
    });
    await expect(fetchUpTo(100_000, since(29))).rejects.toMatchObject({ type: 'Store.PartialHeld' });
    expect(await fetchUpTo(100_000, since(31))).toMatchObject(grown(100_000));
    expect(ranges()).toEqual(['bytes=0-99999']);
    expect((await readdir(folder())).sort()).toEqual([PARTIAL, FOREIGN].sort());
  });
});

test('a range whose archive another attempt stored meanwhile leaves nothing beside it', async () => {
  const space = new SpaceGuard(0);
  const check = space.check.bind(space);
  // Between the listing of the folder and the end of the range.
  space.check = async (...args) => {
    await writeFile(join(folder(), 'r00.tfrecords'), bytes);
    return check(...args);
  };
  await fetchUpTo(100_000, { space });
  expect(await readdir(folder())).toEqual(['r00.tfrecords']);
});

test('quota defers an archive by the user`s wait, without a fault', async () => {
  drive.behave(ID, { kind: 'quota' });
  const result = await fetchUpTo(SIZE);
  const { deferred } = result;
  if (deferred === undefined) throw new Error(`expected it deferred, got ${JSON.stringify(result)}`);
  expect(deferred.reason).toBe('quota');
  expect(deferred.waitMs).toBeGreaterThan(50_000);
  expect(deferred.waitMs).toBeLessThanOrEqual(60_000);
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
  expect(await fetchUpTo(SIZE, { request: look })).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  const fetch = { ...look, fetch: 'missing' } as const;
  expect(await fetchUpTo(SIZE, { request: fetch })).toMatchObject({ tally: { doneFiles: 1 } });
  await rm(join(folder(), 'r00.tfrecords'));
  await expect(fetchUpTo(SIZE, { request: fetch })).rejects.toMatchObject({
    type: 'Input.Source',
    nonRetryable: true,
  });
});

test('of a page of no known kind a sketch is kept, its failure says where, and the page goes nowhere else', async () => {
  const html = '<title>Jane</title><p class="uc-new">Try again later, jane@example.org</p>';
  drive.behave(ID, { kind: 'unknown-page', html });
  const failure = await fetchUpTo(100_000).catch((error: Error) => error);
  const [, path = ''] = /; its sketch: (\.ffhq\/pages\/page-\d\d\.txt)/.exec(String(failure)) ?? [];
  const kept = await readFile(join(root, path), 'utf8');
  expect(kept).toContain('p .uc-new "try again later _"');
  expect(kept).not.toContain('jane');
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('uc-new');
});

test('of two mirrors that disagree over a file, one gives it alone once their ranges make no whole', async () => {
  const path = 'tfrecords/ffhq/r00.tfrecords';
  const serve = (given: Buffer) =>
    startDriveStandIn({ files: new Map([[ID, fileOfBytes(given, { name: 'r00', path })]]) });
  const [liar, honest] = [await serve(Buffer.alloc(SIZE)), await serve(bytes)];
  const source = { name: 'http-mirror', baseUrl: liar.origin, baseUrl2: honest.origin };
  const request = { ...archiveRequest, source, numAttempts: 10 };
  let wholes = 0;
  for (let isThere = false; !isThere && wholes < 4; wholes++)
    for (let end = 50_000; end <= SIZE; end += 50_000) {
      const result = await fetchUpTo(end, { request }).catch(() => undefined);
      isThere = result?.tally.doneFiles === 1;
    }
  await Promise.all([liar.close(), honest.close()]);
  expect((await readFile(join(root, path))).equals(bytes)).toBe(true);
  expect(wholes).toBeLessThanOrEqual(3);
});
