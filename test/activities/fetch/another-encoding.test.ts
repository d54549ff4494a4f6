import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { Download } from '../../../src/activities/fetch/download.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { Bundle } from '../../../src/activities/settle/bundle.ts';
import { chainOf } from '../../../src/activities/sources/chain/request.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { asAccepted, type FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { releasedPartial } from '../../../src/domain/dataset/partial-name.ts';
import type { BundleResult } from '../../../src/domain/run/activity-inputs.ts';
import type { SourceRequest } from '../../../src/domain/run/request.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';
import { downloadDependencies } from './download-dependencies.ts';

const [width, height] = [48, 32];
const pixels = Buffer.from(
  Array.from({ length: width * height * 3 }, (_, at) => (at * 7 + (at >> 5)) & 0xff),
);
const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
const published = await picture.clone().png({ compressionLevel: 9 }).toBuffer();
const path = 'images1024x1024/00000/00007.png';
const spec: FileSpec = {
  ...{ kind: 'images', key: '7', url: '', path, size: published.length, md5: md5Of(published) },
  pixels: { width, height, md5: md5Of(pixels) },
};

let root: string;
let verifier: VerifyThreads;
let mirror: DriveStandIn | undefined;
let sources: SourceBook;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-encoding-'));
  verifier = new VerifyThreads(1);
  sources = makeSourceBook({ connections: 2, env: {} });
});
afterEach(async () => {
  await verifier.close();
  await sources.close();
  await mirror?.close();
  mirror = undefined;
  await rm(root, { recursive: true });
});

interface Asked {
  readonly accept?: 'pixels';
  readonly run?: string;
  readonly fetch?: 'missing' | 'nothing';
  readonly trust?: 'records' | 'contents';
  /** @default the mirror */
  readonly source?: (mirror: string) => SourceRequest;
  /** At what the process sees first. @default 1 */
  readonly attempts?: number;
}

/** One attempt at the picture, of which a mirror has these bytes. */
async function attempt(bytes: Buffer, asked: Asked = { accept: 'pixels' }) {
  const { accept, run = 'r', fetch = 'missing', trust = 'records' } = asked;
  await mirror?.close();
  mirror = await startDriveStandIn({ files: new Map([['7', fileOfBytes(bytes, { name: '7', path })]]) });
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, run, false);
  const source = asked.source?.(mirror.origin) ?? { name: 'http-mirror', baseUrl: mirror.origin };
  const request = requestOf({
    ...{ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } },
    ...{ source, numAttempts: asked.attempts ?? 1, fetch, trust },
    ...(accept === undefined ? {} : { accept }),
  });
  let bundle: Bundle<FileSpec> | undefined;
  const work = activity(downloadDependencies({ sources, verifier }), async (scope, input: RunContext) => {
    const maker = new Download(scope, () => sources.open(request.source, []), request.fetch);
    bundle = new Bundle(scope, input, {
      ...{ maker, kind: 'images', group: '00000', hasIds: true, slots: new Slots(1) },
    });
    return bundle.settleAll([asAccepted(spec, request)]);
  });
  const result = await new MockActivityEnvironment().run(work, { store, owner, run, request });
  const records = await new VerifiedLog('test', testSeal).read(root, 'images', '00000');
  const [failure] = bundle?.failures ?? [];
  return { tally: (result as BundleResult).tally, failure, record: records.get(path)?.at(-1) };
}

const stored = () => readFile(join(root, path));
const pixelsOf = async (bytes: Buffer) => (await sharp(bytes).raw().toBuffer()).equals(pixels);
const webp = () => picture.clone().webp({ lossless: true }).toBuffer();
const otherPng = () => picture.clone().png({ compressionLevel: 1, adaptiveFiltering: true }).toBuffer();

test('a lossless WebP and a PNG of another encoder become the same PNG, noted as what it is', async () => {
  const { tally, record } = await attempt(await webp());
  expect(tally).toMatchObject({ doneFiles: 1, acceptedFiles: 1, failedFiles: 0 });
  const first = await stored();
  expect(await pixelsOf(first)).toBe(true);
  expect(record).toMatchObject({
    ...{ how: 'stored', accepted: 'pixels', md5: md5Of(first), size: first.length },
    pixelMd5: md5Of(pixels),
  });
  await rm(join(root, path));
  await attempt(await otherPng());
  expect((await stored()).equals(first)).toBe(true);
});

test('the very file stays what it is, with the flag too', async () => {
  const { tally, record } = await attempt(published);
  expect(tally.acceptedFiles).toBeUndefined();
  expect(record).not.toHaveProperty('accepted');
  expect((await stored()).equals(published)).toBe(true);
  expect(mirror?.requests.length).toBe(1);
});

test('without the flag another encoding is refused', async () => {
  const { failure } = await attempt(await otherPng(), {});
  expect(failure?.reason).toMatch(/oversized-body|short-body/);
  await expect(stored()).rejects.toThrow('ENOENT');
});

test.each([
  ['a lossy WebP', 'lossy-picture', () => picture.clone().webp({ quality: 90 }).toBuffer()],
  ['a JPEG', 'lossy-picture', () => picture.clone().jpeg().toBuffer()],
  ['other pixels', 'wrong-pixel-md5', () => picture.clone().negate().webp({ lossless: true }).toBuffer()],
  [
    'another size',
    'wrong-pixel-size',
    () => picture.clone().resize(24, 32, { fit: 'fill' }).webp({ lossless: true }).toBuffer(),
  ],
  ['no picture', 'not-a-png', async () => Buffer.from('no picture at all')],
  ['a WebP cut short', 'undecodable-png', async () => (await webp()).subarray(0, -2)],
])('%s is refused, and nothing is left of it', async (_, reason, make) => {
  const { failure } = await attempt(await make());
  expect(failure?.reason).toBe(reason);
  await expect(stored()).rejects.toThrow('ENOENT');
});

test('a later run with the flag keeps it; one without fetches the very file', async () => {
  await attempt(await webp());
  const kept = await attempt(published, { accept: 'pixels', run: 'second' });
  expect(kept.tally).toMatchObject({ doneFiles: 1, acceptedFiles: 1, fetchedFiles: 0 });
  expect(mirror?.requests).toEqual([]);
  const { tally } = await attempt(published, { run: 'third' });
  expect(tally).toMatchObject({ doneFiles: 1, fetchedFiles: 1 });
  expect((await stored()).equals(published)).toBe(true);
});

test('whoever looks at a folder without records adopts it with the flag, and is told of the flag without', async () => {
  await attempt(published);
  await rm(join(root, '.ffhq'), { recursive: true });
  await writeFile(join(root, path), await otherPng());
  const look = { fetch: 'nothing', trust: 'contents' } as const;
  const { failure } = await attempt(published, look);
  expect(failure).toMatchObject({ outcome: 'corrupt' });
  expect(failure?.detail).toContain('--accept pixels');
  const { tally, record } = await attempt(published, { ...look, accept: 'pixels', run: 'second' });
  expect(tally).toMatchObject({ doneFiles: 1, acceptedFiles: 1, failedFiles: 0 });
  expect(record).toMatchObject({ how: 'adopted', accepted: 'pixels', md5: md5Of(await otherPng()) });
});

describe('in a chain', () => {
  /** A folder that has these bytes of the picture. */
  async function copyOf(bytes: Buffer): Promise<string> {
    const copy = join(root, 'copy');
    await mkdir(join(copy, dirname(path)), { recursive: true });
    await writeFile(join(copy, path), bytes);
    return copy;
  }
  const chainOfBoth = (first: SourceRequest, second: SourceRequest) => chainOf([first, second], 60_000);

  test('who gave other pixels is asked no more, and the next one is, in the same attempt', async () => {
    const copy = await copyOf(await webp());
    const { tally, record } = await attempt(
      await picture.clone().negate().webp({ lossless: true }).toBuffer(),
      {
        accept: 'pixels',
        source: (baseUrl) => chainOfBoth({ name: 'http-mirror', baseUrl }, { name: 'local-dir', path: copy }),
      },
    );
    expect(tally).toMatchObject({ doneFiles: 1, acceptedFiles: 1 });
    expect(record).toMatchObject({ source: 'local-dir' });
    expect(await pixelsOf(await stored())).toBe(true);
  });

  test('a source that is away keeps nobody from another encoding that an earlier one has', async () => {
    const copy = await copyOf(await otherPng());
    const away = { name: 'http-mirror', baseUrl: 'http://127.0.0.1:9/' };
    const { tally, record } = await attempt(published, {
      accept: 'pixels',
      source: () => chainOfBoth({ name: 'local-dir', path: copy }, away),
    });
    expect(tally).toMatchObject({ doneFiles: 1, acceptedFiles: 1 });
    expect(record).toMatchObject({ source: 'local-dir' });
  });

  test('what was all there before is counted, for an earlier attempt', async () => {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, releasedPartial(path)), published);
    const copy = await copyOf(published);
    const { tally } = await attempt(published, {
      source: (baseUrl) => chainOfBoth({ name: 'local-dir', path: copy }, { name: 'http-mirror', baseUrl }),
    });
    expect(tally.sources).toEqual({ 'an earlier attempt': { files: 1, bytes: published.length } });
  });
});
