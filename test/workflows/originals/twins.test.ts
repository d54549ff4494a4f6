import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepAsk } from '../../../src/activities/selection/asks.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { planLocally } from '../../../src/commands/planning/plan-locally.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveFaces } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';

let bench: TestBench;
let dataset: ServedDataset;
let worker: RunningWorker;
/** Paths of originals with the same bytes. */
let twins: readonly string[];

beforeAll(async () => {
  bench = await openBench();
  dataset = await serveFaces({ kinds: ['wilds'] });
  worker = await bench.startWorker(dataset);
  const originals = [...dataset.sample.files.values()].filter(({ filePath }) =>
    /^in-the-wild.*png$/.test(filePath),
  );
  const { md5 } =
    originals.find((one, nth) => originals.findIndex(({ md5: other }) => other === one.md5) < nth) ?? {};
  twins = originals.filter((one) => one.md5 === md5).map(({ filePath }) => filePath);
});
afterAll(async () => {
  await worker.shutdown();
  await dataset.close();
  await bench.close();
});

const fetched = () => twins.reduce((sum, path) => sum + dataset.fetches(path), 0);

async function expectBoth(): Promise<void> {
  const digests = await Promise.all(
    twins.map(async (path) => md5Of(await readFile(join(dataset.out, path)))),
  );
  expect(digests).toEqual(twins.map(() => digests[0]));
}

/** What a dry run says of it. */
async function planned() {
  const manifest = { name: 'other', location: dataset.sample.manifestPath } as const;
  const plan = await planLocally({
    ...{ out: dataset.out, request: { ...dataset.request, manifest }, reserveBytes: 0, seal: testSeal },
    signal: new AbortController().signal,
  });
  return { requests: plan?.figures?.requests.requests, copied: plan?.figures?.copies?.files };
}

test('a plan asks nobody for the second', async () => {
  expect(await planned()).toEqual({ requests: 3, copied: 1 });
});

test('an original of two records is fetched once, and is whole under both names, also of a selection', async () => {
  expect(twins).toHaveLength(2);
  const ids = twins.map((path) => Number(path.slice(-9, -4))).join(',');
  const ask = { ids, limit: 2 };
  await keepAsk((await ensureStore(dataset.out)).path, ask);
  const request = { ...dataset.request, selection: selectionRequest(ask) };
  const { progress } = await (await bench.startRun(dataset, { request })).result();
  expect(progress.kinds.wilds).toMatchObject({ files: 2, doneFiles: 2, failedFiles: 0 });
  expect(fetched()).toBe(1);
  await expectBoth();
  await rm(join(dataset.out, twins[1] ?? ''));
  expect(await planned()).toEqual({ requests: 2, copied: 1 });
  await copyFile(join(dataset.out, twins[0] ?? ''), join(dataset.out, twins[1] ?? ''));
});

test('a twin that is damaged since is no original: the file comes from the source', async () => {
  const [one = '', other = ''] = twins;
  const bytes = await readFile(join(dataset.out, one));
  bytes[bytes.length >> 1] = 255 - (bytes[bytes.length >> 1] ?? 0);
  await writeFile(join(dataset.out, one), bytes);
  await rm(join(dataset.out, other));
  const before = fetched();
  const { status } = await (
    await bench.startRun(dataset, { request: { ...dataset.request, trust: 'contents' } })
  ).result();
  expect(status).toBe('complete');
  expect(fetched() - before).toBeLessThanOrEqual(2);
  await expectBoth();
});
