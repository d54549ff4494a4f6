import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addExclusions } from '../../../src/activities/exclusion/exclusions.ts';
import { keepAsk } from '../../../src/activities/selection/asks.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { ExclusionEntry } from '../../../src/domain/exclusion/exclusion-list.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import { accountOf, authorKey } from '../../../src/domain/selection/author-key.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { filesUnder } from '../../support/arrived-files.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { wordsIn } from '../../support/server/words-in.ts';
import { testSeal } from '../../support/test-key.ts';

let bench: TestBench;
let dataset: ServedDataset;
let worker: RunningWorker;

beforeAll(async () => {
  bench = await openBench();
  dataset = await serveDataset({ ids: [0, 1, 2, 3, 1000], kinds: ['images', 'thumbs'] });
  worker = await bench.startWorker(dataset);
});
afterAll(async () => {
  await worker.shutdown();
  await dataset.close();
  await bench.close();
});

const at = '2026-01-01T00:00:00.000Z';

async function exclude(entry: Omit<ExclusionEntry, 'at'>) {
  const store = await ensureStore(dataset.out);
  const { now } = await addExclusions(store.path, testSeal, [{ at, ...entry }]);
  return { ...store, exclusions: now.digest };
}

async function run(request: Partial<RunRequest>, store: Awaited<ReturnType<typeof exclude>>) {
  return bench.startRun(dataset, { store, request: { ...dataset.request, ...request } });
}

const thumbs = () =>
  filesUnder(dataset.out)
    .filter((path) => path.startsWith('thumbnails128x128/') && path.endsWith('.png'))
    .map((path) => Number(path.slice(-9, -4)))
    .sort((a, b) => a - b);

test('who is excluded before the first run, by an account, is not fetched, not selected, not missed, and not named', async () => {
  const manifest = JSON.parse(await readFile(dataset.sample.manifestPath, 'utf8')) as Record<
    string,
    { metadata: { photo_url: string } }
  >;
  const accounts = Object.entries(manifest).map(
    ([id, { metadata }]) => [Number(id), accountOf(metadata.photo_url) ?? ''] as const,
  );
  const [, name = ''] = accounts.find(([id]) => id === 1) ?? [];
  const gone = accounts.filter(([, account]) => account === name).map(([id]) => id);
  const left = accounts.map(([id]) => id).filter((id) => !gone.includes(id));
  const store = await exclude({ accounts: [authorKey(name)], reason: 'asked for it' });

  const handle = await run({ kinds: ['thumbs'] }, store);
  const { status, progress } = await handle.result();
  expect(status).toBe('complete');
  expect(progress.kinds.thumbs).toMatchObject({ files: left.length, doneFiles: left.length });
  expect(thumbs()).toEqual(left);
  expect(dataset.fetches('thumbnails128x128/00000/00001.png')).toBe(0);
  const report = await readFile(join(dataset.out, statePaths.reportText), 'utf8');
  expect(report).toContain(`excluded: ${gone.length} records`);
  const history = wordsIn(await handle.fetchHistory());
  expect(history).toContain(store.exclusions);
  expect(history).not.toMatch(new RegExp(`asked for it|${name}`));

  const looked = await (
    await run({ kinds: ['thumbs'], trust: 'contents', fetch: 'nothing' }, store)
  ).result();
  expect(looked).toMatchObject({ status: 'complete', foreignFiles: 0 });

  const ask = { pick: 4, seed: 3 };
  await keepAsk(store.path, ask);
  const picked = await (await run({ kinds: ['images'], selection: selectionRequest(ask) }, store)).result();
  expect(picked.progress.selection).toMatchObject({ records: Math.min(4, left.length), of: left.length });
  expect(dataset.fetches('images1024x1024/00000/00001.png')).toBe(0);
});

test('a list that grows holds for what lies there; without the list that it began with, a run ends', async () => {
  const before = await exclude({ ids: '0', manifestMd5: dataset.sample.manifestMd5 });
  const from = dataset.drive.requests.length;
  const only = await (await run({ kinds: ['thumbs'], ids: '0-1' }, before)).result();
  expect(only.status).toBe('complete');
  expect(only.progress.kinds.thumbs?.files ?? 0).toBe(0);
  await exclude({ ids: '2', manifestMd5: dataset.sample.manifestMd5 });
  const looked = await (
    await run({ kinds: ['thumbs'], trust: 'contents', fetch: 'nothing' }, before)
  ).result();
  expect(looked.status).toBe('complete');
  expect(dataset.drive.requests.slice(from)).toEqual([]);
  await rm(join(dataset.out, statePaths.exclusions), { recursive: true });
  await expect((await run({ kinds: ['thumbs'] }, before)).result()).rejects.toMatchObject({
    cause: {
      cause: { message: expect.stringMatching(/expected the exclusion list that the run was started with/) },
    },
  });
});
