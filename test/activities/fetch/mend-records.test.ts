import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { fetchRange } from '../../../src/activities/fetch/fetch-range.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import type { RangeInput, RangeResult } from '../../../src/domain/run/activity-inputs.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { frameOf } from '../../../src/domain/tfrecord/frame.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { archiveSpec, ARCHIVE_ID as ID } from '../../support/datasets/serve-archive.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { downloadDependencies } from './download-dependencies.ts';

const RECORD = 1_000;
const RECORDS = 300;
const SIZE = RECORD * RECORDS;
const bytes = Buffer.concat(
  Array.from({ length: RECORDS }, (_, nth) => frameOf(Buffer.alloc(RECORD - 16, `${nth} `))),
);
const NAME = 'r00.tfrecords';
const repair: RunRequest = { ...archiveRequest, trust: 'contents' };

let root: string;
let folder: string;
let drive: DriveStandIn;
let sources: SourceBook;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-mend-'));
  folder = join(root, 'tfrecords/ffhq');
  await mkdir(folder, { recursive: true });
  drive = await startDriveStandIn({ files: new Map([[ID, fileOfBytes(bytes, { name: 'r00' })]]) });
  sources = makeSourceBook({ connections: 4, googleOrigin: drive.origin, env: {} });
});
afterEach(async () => {
  await sources.close();
  await drive.close();
  await rm(root, { recursive: true });
});

async function settle(request: RunRequest = repair): Promise<RangeResult> {
  const spec = { ...archiveSpec(ID, `tfrecords/ffhq/${NAME}`, bytes), recordBytes: RECORD };
  const input: RangeInput = {
    store: await ensureStore(root),
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    run: 'r',
    request,
    file: { kind: 'tfrecords', key: 'r00' },
    end: SIZE,
  };
  await claim(input.store, input.owner, input.run, false);
  const dependencies = downloadDependencies({ sources, verifier: new VerifyThreads(), largeFiles: [spec] });
  return new MockActivityEnvironment().run(activity(dependencies, fetchRange), input);
}

/** With a byte of each of these records another one. */
function damagedIn(...records: number[]): Buffer {
  const damaged = Buffer.from(bytes);
  for (const record of records) damaged.writeUInt8(0, record * RECORD + 500);
  return damaged;
}

const there = () => readFile(join(folder, NAME));
const asked = () => drive.requests.filter(({ answer }) => answer === 'file').map(({ range }) => range);
const isWhole = async () => {
  expect(await readdir(folder)).toEqual([NAME]);
  expect((await there()).equals(bytes)).toBe(true);
};
const stored = { tally: { doneFiles: 1, fetchedFiles: 1, failedFiles: 0 } };

test('of a damaged file only the bytes of its damaged records are fetched, and it is named by its MD5 again', async () => {
  await writeFile(join(folder, NAME), damagedIn(3, 100, 101, 299));
  const looked = await settle({ ...repair, fetch: 'nothing' });
  expect(looked.failure).toMatch(/^wrong-md5: .*; 4 of its 300 records damaged: 3, 100-101, 299$/);
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  // The first one once more: nothing is touched before the source has shown that it has the right one.
  expect(asked()).toEqual(['bytes=3000-3999', 'bytes=3000-3999', 'bytes=100000-101999', 'bytes=299000-']);
});

test('a damaged file keeps its place while its source gives nothing', async () => {
  const damaged = damagedIn(7);
  await writeFile(join(folder, NAME), damaged);
  drive.behave(ID, { kind: 'quota' });
  expect((await settle()).deferred?.reason).toBe('quota');
  expect((await there()).equals(damaged)).toBe(true);
  drive.behave(ID, undefined);
  expect(await settle()).toMatchObject(stored);
  await isWhole();
});

test('what an attempt that died had mended in part is mended to its end, and never seen under the file`s name', async () => {
  // As it lies there after some of its records came.
  await writeFile(join(folder, `${NAME}.ffhq-part`), damagedIn(200));
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  expect(asked()).toEqual(['bytes=200000-200999']);
});

test('a source that breaks off in the middle leaves the file beside its place, and the rest is fetched later', async () => {
  await writeFile(join(folder, NAME), damagedIn(1, 2, 50, 51, 52));
  drive.behave(ID, { kind: 'cut', afterBytes: 2_500, how: 'close' });
  await expect(settle()).rejects.toThrow('fault 1 of 2');
  expect(await readdir(folder)).toEqual([`${NAME}.ffhq-part`]);
  drive.behave(ID, undefined);
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  expect(asked().at(-1)).toBe('bytes=52000-52999');
});

const otherRecord = Buffer.concat([frameOf(Buffer.alloc(RECORD - 16, 'x')), bytes.subarray(RECORD)]);

test.each<[string, Buffer, Parameters<DriveStandIn['behave']>[1]]>([
  ['records that are all whole', otherRecord, undefined],
  ['more than half of it damaged', Buffer.alloc(SIZE), undefined],
  ['a source that gives no ranges', damagedIn(5), { kind: 'ignore-range' }],
])('with %s the whole file is fetched anew', async (_, damaged, behaviour) => {
  await writeFile(join(folder, NAME), damaged);
  drive.behave(ID, behaviour);
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  expect(drive.requests.at(-1)?.bytesSent).toBe(SIZE);
});

test('where the source itself has other bytes now, they are not taken, and nothing wrong gets the name', async () => {
  await writeFile(join(folder, NAME), damagedIn(5));
  drive.behave(ID, { kind: 'flip-byte', at: 5_500 });
  await expect(settle()).rejects.toThrow('fault 1 of 2');
  expect((await settle()).failure).toMatch(/^wrong-md5: /);
  expect((await there()).equals(damagedIn(5))).toBe(true);
});

test('a file that has another name too is not written to', async () => {
  const damaged = damagedIn(9);
  const snapshot = join(root, 'snapshot');
  await writeFile(snapshot, damaged);
  await link(snapshot, join(folder, 'tmp'));
  await rename(join(folder, 'tmp'), join(folder, NAME));
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  expect((await readFile(snapshot)).equals(damaged)).toBe(true);
});

/** Two mirrors, one of which has other bytes or behaves so, named in either order: so the test does not hang on who is asked first. */
async function withMirrors(
  content: Buffer,
  behaviour: Parameters<DriveStandIn['behave']>[1],
  work: (request: RunRequest) => Promise<void>,
): Promise<(string | undefined)[]> {
  const serve = (served: Buffer) =>
    startDriveStandIn({
      files: new Map([[ID, fileOfBytes(served, { name: 'r00', path: `tfrecords/ffhq/${NAME}` })]]),
    });
  const mirrors = [await serve(content), await serve(bytes)];
  mirrors[0]?.behave('all', behaviour);
  try {
    const origins = mirrors.map(({ origin }) => origin);
    for (const [baseUrl = '', baseUrl2 = ''] of [origins, origins.toReversed()])
      await work({ ...repair, source: { name: 'http-mirror', baseUrl, baseUrl2 } });
    return mirrors.flatMap(({ requests }) => requests.map(({ range }) => range));
  } finally {
    for (const mirror of mirrors) await mirror.close();
  }
}

const lies = Buffer.from(bytes);
for (let at = 500; at < SIZE; at += RECORD) lies.writeUInt8(1, at);

test('a record that the source has wrong costs no other one: the file waits beside its place for that one', async () => {
  await writeFile(join(folder, NAME), damagedIn(5, 100, 101));
  drive.behave(ID, { kind: 'flip-byte', at: 100_500 });
  await expect(settle()).rejects.toThrow('fault 1 of 2');
  expect(await readdir(folder)).toEqual([`${NAME}.ffhq-part`]);
  expect((await readFile(join(folder, `${NAME}.ffhq-part`))).equals(damagedIn(100))).toBe(true);
  expect((await settle()).failure).toMatch(/^wrong-md5: .*; 1 of its 300 records damaged: 100$/);
  drive.behave(ID, undefined);
  expect(await settle()).toMatchObject(stored);
  await isWhole();
  expect(asked().at(-1)).toBe('bytes=100000-100999');
});

test('a source that gives no parts any more costs nothing of a file that lies beside its place', async () => {
  await writeFile(join(folder, `${NAME}.ffhq-part`), damagedIn(0, 7, 200));
  drive.behave(ID, { kind: 'ignore-range' });
  expect(await settle()).toMatchObject(stored);
  await isWhole();
});

test.each([[[0]], [[0, 200]]])('records %j come of a source that gives no parts', async (records) => {
  await writeFile(join(folder, NAME), damagedIn(...records));
  drive.behave(ID, { kind: 'ignore-range' });
  expect(await settle()).toMatchObject(stored);
  await isWhole();
});

test.each<[string, Buffer, Parameters<DriveStandIn['behave']>[1]]>([
  ['has other bytes', lies, undefined],
  ['gives no parts', bytes, { kind: 'ignore-range' }],
])(
  'where one of two mirrors %s, the other one gives the records, in one attempt',
  async (_, content, behaviour) => {
    const ranges = await withMirrors(content, behaviour, async (request) => {
      await writeFile(join(folder, NAME), damagedIn(5, 50, 100, 150));
      expect(await settle(request)).toMatchObject(stored);
      await isWhole();
    });
    // One record each, also when another mirror was asked for it.
    expect(new Set(ranges)).toEqual(new Set([5, 50, 100, 150].map((nth) => `bytes=${nth}000-${nth}999`)));
  },
);
