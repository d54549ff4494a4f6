import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { slicesRoot } from '../../../src/activities/manifest/manifest-folders.ts';
import { surveyPictures } from '../../../src/activities/plan/survey-pictures.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import type { Folder, Md5 } from '../../../src/domain/dataset/ids.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';
import { picture, readReport } from '../../support/watch-run.ts';

let bench: TestBench;
let dataset: ServedDataset;
beforeAll(async () => {
  bench = await openBench();
  dataset = await serveDataset({ records: 3, kinds: ['thumbs'] });
  await bench.runToEnd(dataset);
});
afterAll(async () => {
  await dataset.close();
  await bench.close();
});

const place = (id: number) => join(dataset.out, picture('thumbs', id));
const partials = async () => (await readdir(dirname(place(0)))).filter((name) => name.endsWith('.ffhq-part'));

/** What a container that was killed hard left of a picture: its host name and its pids mean nothing any more. */
async function leave(id: number, bytes: number, secondsAgo: number): Promise<void> {
  const path = `${place(id)}.w77-0badc0de-abcdef01-0a0b0c0d-9-${id}.ffhq-part`;
  await writeFile(path, Buffer.alloc(bytes));
  const then = new Date(Date.now() - secondsAgo * 1_000);
  await utimes(path, then, then);
}

test('the next run removes what a container that is no more left beside verified pictures, and its report says so', async () => {
  await leave(0, 100, 310);
  await leave(1, 200, 310);
  await leave(2, 300, 10);
  const result = await bench.runToEnd(dataset);
  expect(result.progress.kinds.thumbs).toMatchObject({ fetchedFiles: 0, swept: { files: 2, bytes: 300 } });
  expect((await readReport(dataset)).text).toContain('2 abandoned partial files removed, 300 B');
  // Its writer may live.
  expect((await partials()).length).toBe(1);
});

test('so does a run that only verifies, once it has read the picture', async () => {
  for (const name of await partials()) await rm(join(dirname(place(0)), name));
  await leave(0, 100, 310);
  const request = { ...dataset.request, trust: 'contents', fetch: 'nothing' } as const;
  const result = await bench.runToEnd(dataset, { request });
  expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 3, swept: { files: 1, bytes: 100 } });
  expect(await partials()).toEqual([]);
});

test('the plan counts what anybody has of a picture, and does not count a file that cannot be it', async () => {
  const { out, request } = dataset;
  const md5 = dataset.sample.manifestMd5 as Md5;
  const looks = new VerifyThreads(1);
  onTestFinished(() => looks.close());
  const store = {
    ...{ path: out, slices: slicesRoot(out), crops: undefined, caches: makeManifestCaches(testSeal) },
    ...{ verified: new VerifiedLog('', testSeal), looks, signal: new AbortController().signal },
  };
  const folder = '00000' as Folder;
  const present = async () => {
    const question = {
      store,
      kind: 'thumbs',
      folder,
      md5,
      request,
      run: 'r',
      settled: new Set<never>(),
    } as const;
    const { bytes, presentBytes } = await surveyPictures(question);
    return presentBytes - bytes;
  };
  expect(await present()).toBe(0);
  const { size } = await stat(place(0));
  const right = await readFile(place(0));
  await rm(place(0));
  await leave(0, 50, 0);
  expect(await present()).toBe(50 - size);
  await writeFile(place(0), right.subarray(1));
  expect(await present()).toBe(50 - size);
  await writeFile(place(0), right);
  expect(await present()).toBe(0);
});
