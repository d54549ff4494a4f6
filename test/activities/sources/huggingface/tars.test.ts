import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Source } from '../../../../src/activities/sources/contract/source.ts';
import { makeSourceBook } from '../../../../src/activities/sources/source-book.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../../../src/domain/dataset/ids.ts';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { tarOf } from '../../../../src/stand-in/archives/tar-of.ts';
import { startHubStandIn } from '../../../../src/stand-in/hub/hub-stand-in.ts';
import { named, never, outcomeOf, pseudoRandomBytes } from '../reading.ts';
import { REPO, REVISION } from './subject.ts';

const five = (id: number) => String(id).padStart(5, '0');
const bytesOf = (id: number) => pseudoRandomBytes(2_000 + (id % 7) * 300, id + 1);
const fileOf = (id: number): FileSpec => ({
  ...{ kind: 'images', key: String(id), url: '', size: 99_999, md5: 'ab'.repeat(16) as Md5 },
  path: `images1024x1024/${five(id - (id % 1_000))}/${five(id)}.png`,
  pixels: { width: 64, height: 64, md5: 'cd'.repeat(16) as Md5 },
  accepts: 'pixels',
});

async function hub({ first = 1_000, count = 300, cacheDir = '' } = {}) {
  const members = Array.from({ length: count }, (_, nth) => ({
    ...partOfBytes(Buffer.from(bytesOf(first + nth))),
    name: `${five(first + nth)}.webp`,
  }));
  const path = `${five(first)}.tar`;
  const tar = tarOf(members, { name: path, path, etag: '"1"' });
  const standIn = await startHubStandIn({ files: new Map([['tar', tar]]), repo: REPO, revision: REVISION });
  onTestFinished(() => standIn.close());
  /** As a process that has seen nothing. */
  const open = async () => {
    const book = makeSourceBook({
      ...{ connections: 8, env: { HF_ENDPOINT: standIn.origin } },
      ...(cacheDir === '' ? {} : { cacheDir }),
    });
    onTestFinished(() => book.close());
    const request = { name: 'huggingface', repo: REPO, revision: REVISION, layout: 'tars' };
    return book.open(request, [standIn.byteHost]);
  };
  return {
    standIn,
    open,
    asked: () => standIn.requests.filter(({ path: at }) => at.includes('/resolve/')).length,
    ranges: () => standIn.requests.filter(({ host }) => host === standIn.byteHost).map(({ range }) => range),
  };
}

/** So many at a time, in order; answers those that failed. */
async function fetchAll(source: Source, ids: readonly number[], lanes = 8): Promise<number[]> {
  const failed: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) {
      const { bytes, failure } = await outcomeOf(source, fileOf(id));
      if (failure !== undefined) failed.push(id);
      else expect(named(bytes)).toBe(named(bytesOf(id)));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return failed;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, nth) => from + nth);

test('a whole tar comes by one request, each member cut out of it', async () => {
  const { open, asked } = await hub();
  const source = await open();
  expect(await fetchAll(source, range(1_000, 1_300))).toEqual([]);
  // One to see what is there.
  expect(asked()).toBe(2);
});

test('members are whole, from 0, in another encoding; only for whoever takes pixels', async () => {
  const source = await (await hub()).open();
  expect(await source.open(fileOf(1_003), { offset: 500 }, never)).toMatchObject({ form: 'pixels', from: 0 });
  const { accepts: _, ...strict } = fileOf(1_003);
  const { failure } = await outcomeOf(source, strict);
  expect(failure).toMatchObject({ reason: 'missing' });
  expect(failure?.detail).toContain('--accept pixels');
});

test('bundles that are far apart share one stream', async () => {
  const { open, asked } = await hub();
  const source = await open();
  const bundles = [range(1_000, 1_100), range(1_100, 1_200), range(1_200, 1_300)];
  const failed = await Promise.all(bundles.map((ids) => fetchAll(source, ids, 3)));
  expect(failed.flat()).toEqual([]);
  expect(asked()).toBeLessThan(5);
});

test('a tar that breaks off goes on at its member', async () => {
  const { standIn, open, ranges } = await hub();
  standIn.behave('tar', { kind: 'cut', afterBytes: 400_000, how: 'reset' });
  const source = await open();
  const failed = await fetchAll(source, range(1_000, 1_300));
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThan(25);
  let left = failed;
  for (let again = 0; again < 5 && left.length > 0; again++) left = await fetchAll(source, left);
  expect(left).toEqual([]);
  const begins = ranges().map((one) => Number(/^bytes=(\d+)-/.exec(one ?? '')?.[1] ?? 0));
  expect(begins.filter((begin) => begin === 0).length).toBeLessThan(3);
  expect(Math.max(...begins)).toBeGreaterThan(390_000);
});

test('where members lie is kept: another process begins at the one that it wants', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'ffhq-test-tars-'));
  onTestFinished(() => rm(cacheDir, { recursive: true }));
  const { standIn, open, ranges } = await hub({ cacheDir });
  await fetchAll(await open(), range(1_000, 1_300));
  await expect
    .poll(async () => {
      const before = standIn.requests.length;
      const { bytes } = await outcomeOf(await open(), fileOf(1_290));
      expect(named(bytes)).toBe(named(bytesOf(1_290)));
      return standIn.requests.length > before && Number(/\d+/.exec(ranges().at(-1) ?? '')?.[0]);
    })
    .toBeGreaterThan(700_000);
});

test('what the tar has not is missing, once all of it was seen', async () => {
  const { open } = await hub({ count: 20 });
  const source = await open();
  const { failure } = await outcomeOf(source, fileOf(1_500));
  expect(failure).toMatchObject({ reason: 'missing' });
  expect(await fetchAll(source, range(1_000, 1_020))).toEqual([]);
});
