import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepAsk } from '../../../src/activities/selection/asks.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { RunResult } from '../../../src/domain/run/workflow-inputs.ts';
import type { SelectionAsk } from '../../../src/domain/selection/ask.ts';
import { selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import { authorKey } from '../../../src/domain/selection/author-key.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { wordsIn } from '../../support/server/words-in.ts';

let bench: TestBench;
let dataset: ServedDataset;
let worker: RunningWorker;
let authors: ReadonlyMap<number, string>;

beforeAll(async () => {
  bench = await openBench();
  dataset = await serveDataset({ ids: [0, 1, 2, 3, 1000, 2000, 60_000], kinds: ['thumbs'] });
  worker = await bench.startWorker(dataset);
  const manifest = JSON.parse(await readFile(dataset.sample.manifestPath, 'utf8')) as Record<
    string,
    { metadata: { author: string } }
  >;
  authors = new Map(Object.entries(manifest).map(([id, { metadata }]) => [Number(id), metadata.author]));
});
afterAll(async () => {
  await worker.shutdown();
  await dataset.close();
  await bench.close();
});

async function run(ask: SelectionAsk, request: Partial<RunRequest> = {}, lays = true) {
  const store = await ensureStore(dataset.out);
  if (lays) await keepAsk(store.path, ask);
  const handle = await bench.startRun(dataset, {
    request: { ...dataset.request, selection: selectionRequest(ask), ...request },
  });
  return handle;
}

async function thumbs(): Promise<string[]> {
  const files = await readdir(join(dataset.out, 'thumbnails128x128'), { recursive: true });
  return files
    .filter((path) => path.endsWith('.png'))
    .map((path) => path.slice(-9, -4))
    .sort();
}

const selectionFile = () => join(dataset.out, statePaths.selection);

test('only what is selected is fetched, no other folder is looked at, and no name gets into the history', async () => {
  const name = authors.get(1) ?? '';
  const ids = [...authors].filter(([id, author]) => id !== 60_000 && author === name).map(([id]) => id);
  const handle = await run({ authors: [authorKey(name)], categories: ['training'] });
  const { status, progress }: RunResult = await handle.result();
  expect(status).toBe('complete');
  expect(progress.selection).toEqual({
    words: '--category training --author-from a list of 1',
    records: ids.length,
    of: 7,
  });
  expect((await thumbs()).map(Number).sort((a, b) => a - b)).toEqual(ids);
  const history = wordsIn(await handle.fetchHistory());
  expect(history).toContain('--author-from a list of 1');
  expect(history).not.toContain(name);
  const folders = new Set(ids.map((id) => `thumbs/${String(id - (id % 1000)).padStart(5, '0')}`));
  expect(new Set(history.match(/thumbs\/\d{5}/g))).toEqual(folders);
  const noted = JSON.parse(await readFile(selectionFile(), 'utf8')) as { ids: string; ask: object };
  expect(JSON.stringify(noted)).not.toContain(name);
  expect(noted).toMatchObject({ manifestMd5: dataset.sample.manifestMd5, ids: ids.join(',') });
  expect(await readFile(join(dataset.out, statePaths.reportText), 'utf8')).toContain(
    `selection: --category training --author-from a list of 1: ${ids.length} of 7 records`,
  );
});

test('a later selection adds to what is there; a selection file that is lost or somebody else’s is made anew', async () => {
  const before = await thumbs();
  await writeFile(selectionFile(), '{"ids":"0-69999"}');
  const { status } = await (await run({ ids: '1000-69999', limit: 1 })).result();
  expect(status).toBe('complete');
  expect(await thumbs()).toEqual([...before, '01000'].sort());
  await rm(selectionFile());
  const again = await (await run({ ids: '1000-69999', limit: 1 })).result();
  expect(again.progress.kinds.thumbs).toMatchObject({ files: 1, doneFiles: 1, fetchedFiles: 0 });
});

test('a selection of nothing, and one that nobody laid into the folder, end the run and say so', async () => {
  const empty = await run({ categories: ['validation'], ids: '0-999' });
  await expect(empty.result()).rejects.toMatchObject({
    cause: {
      cause: { message: expect.stringMatching(/selection \[--category validation\]: expected records/) },
    },
  });
  const unlaid = await run({ pick: 2, seed: 99 }, {}, false);
  await expect(unlaid.result()).rejects.toMatchObject({
    cause: { cause: { message: expect.stringMatching(/expected what was asked for, got nothing/) } },
  });
});
