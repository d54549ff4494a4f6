import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { planLocally } from '../../../src/commands/planning/plan-locally.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { SampleRecord } from '../../../src/sample/record/record.ts';
import { expectAllArrived, filesUnder, picturesOf } from '../../support/arrived-files.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import {
  alignByDefault,
  type ServedDataset,
  serveDataset,
  serveFaces,
} from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { testSeal } from '../../support/test-key.ts';
import { picture, timesAsked } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const MANIFEST = 'ffhq-dataset-v2.json';

/** What the folder keeps of its manifest: slices, crops, and the summaries of both. */
function notesOf({ out }: ServedDataset): string[] {
  return filesUnder(join(out, statePaths.manifests))
    .filter((path) => path.includes('/'))
    .map((path) => join(out, statePaths.manifests, path));
}

function readAll(paths: readonly string[]): readonly (readonly [string, string])[] {
  return paths.map((path) => [path, readFileSync(path, 'latin1')] as const);
}

function emptyAll(paths: readonly string[]): void {
  for (const path of paths) truncateSync(path, 0);
}

function tornSlices(paths: readonly string[]): void {
  for (const path of paths) if (path.endsWith('.jsonl')) truncateSync(path, 30);
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path);
}

/** A byte is another one, and neither size nor time tell of it. */
function rot(path: string): void {
  const as = `${path}.as-it-was`;
  execFileSync('cp', ['-p', path, as]);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  writeFileSync(path, bytes);
  execFileSync('touch', ['-r', as, path]);
  rmSync(as);
}

/** How often an Activity was done in a run. */
async function times(run: WorkflowHandle, activity: string): Promise<number> {
  const { events } = await run.fetchHistory();
  return (events ?? []).filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  ).length;
}

/** Made and fetched once: every test damages the notes of the same folder, and finds them mended by the one before. */
let arrived: ServedDataset;
beforeAll(async () => {
  arrived = await serveDataset({ ids: [0, 1, 2, 1000, 1001] });
  expect((await bench.runToEnd(arrived)).status).toBe('complete');
});
afterAll(() => arrived.close());

test.each([
  ['empty slices', (paths: readonly string[]) => emptyAll(paths.filter((path) => path.endsWith('.jsonl')))],
  ['torn slices', tornSlices],
  [
    'one slice missing',
    (paths: readonly string[]) => rmSync(paths.find((path) => /thumbs/.test(path)) ?? ''),
  ],
  [
    'empty summaries',
    (paths: readonly string[]) => emptyAll(paths.filter((path) => path.endsWith('summary.json'))),
  ],
  ['nothing left of them', removeAll],
])(
  'with %s a run plans every file of the manifest all the same, and fetches nothing again',
  async (_, damage) => {
    const dataset = arrived;
    const whole = readAll(notesOf(dataset));
    const requests = dataset.drive.requests.length;
    damage(notesOf(dataset));
    expect(readAll(notesOf(dataset))).not.toEqual(whole);
    const again = await bench.runToEnd(dataset);
    expect(again.status).toBe('complete');
    for (const kind of ['images', 'thumbs', 'wilds'] as const)
      expect(again.progress.kinds[kind]).toMatchObject({ files: 5, doneFiles: 5 });
    // Of the licence alone it is asked whether there is a newer one.
    const asked = dataset.drive.requests.slice(requests).filter(({ file }) => file !== undefined);
    expect(asked.map(({ file }) => file).filter((file) => file === dataset.idOf(MANIFEST))).toEqual([]);
    expect(
      picturesOf(dataset)
        .map((path) => timesAsked(dataset, path))
        .filter((count) => count !== 1),
    ).toEqual([]);
    const verified = await bench.runToEnd(dataset, {
      request: { ...dataset.request, trust: 'contents', fetch: 'nothing' },
    });
    expect(verified.progress.kinds.images).toMatchObject({ files: 5, doneFiles: 5, failedFiles: 0 });
  },
  120_000,
);

test.each([
  ['gone', (text: string) => rmSync(text)],
  ['rotten', rot],
])(
  'damage in the middle of a run, the manifest`s text %s too, is mended by several workers without a file lost',
  async (_, damage) => {
    const dataset = await serveFaces({ align: alignByDefault });
    onTestFinished(() => dataset.close());
    const request: RunRequest = { ...dataset.request, kinds: ['images', 'thumbs', 'wilds', 'align'] };
    const held = [0, 1, 2, 1000].map((id) => picture('wilds', id));
    for (const path of held) dataset.drive.behave(dataset.idOf(path), { kind: 'stall-before-headers' });
    const first = await bench.startWorker(dataset, { alignThreads: 1 });
    const run = await bench.startRun(dataset, { request });
    await eventually('the originals to be asked for', () => timesAsked(dataset, picture('wilds', 0)) > 0);
    await first.shutdown();
    emptyAll(notesOf(dataset));
    damage(join(dataset.out, MANIFEST));
    for (const path of held) dataset.drive.behave(dataset.idOf(path), undefined);

    const workers = await Promise.all([1, 2].map(() => bench.startWorker(dataset, { alignThreads: 1 })));
    onTestFinished(async () => {
      await Promise.all(workers.map((worker) => worker.shutdown()));
    });
    const result = await run.result();
    expect(result.status).toBe('complete');
    for (const kind of ['images', 'thumbs', 'wilds'] as const)
      expect(result.progress.kinds[kind]).toMatchObject({ files: 4, doneFiles: 4 });
    expect(result.progress.kinds.align).toMatchObject({ files: 4, doneFiles: 4, identicalFiles: 4 });
    expectAllArrived(dataset);
    expect(dataset.fetches(MANIFEST)).toBe(2);
    expect(await times(run, 'loadManifest')).toBeGreaterThan(1);
  },
  240_000,
);

test('crops of the user`s own photographs that are damaged are made again from those', async () => {
  const dataset = await serveFaces();
  onTestFinished(() => dataset.close());
  const records: Record<string, SampleRecord> = JSON.parse(readFileSync(dataset.sample.manifestPath, 'utf8'));
  const folder = join(dirname(dataset.out), 'photos');
  mkdirSync(folder);
  const names = ['0', '2'].map((key) => {
    writeFileSync(
      join(folder, `${key}.png`),
      readFileSync(join(dataset.sample.folder, picture('wilds', Number(key)))),
    );
    return [`${key}.png`, records[key]?.in_the_wild?.face_landmarks] as const;
  });
  const landmarks = join(dirname(dataset.out), 'landmarks.json');
  writeFileSync(landmarks, JSON.stringify(Object.fromEntries(names)));
  const request: RunRequest = {
    ...dataset.request,
    kinds: ['align'],
    manifest: { name: 'photos', folder, landmarks },
    license: { name: 'none' },
    align: { ...alignByDefault, folder: 'aligned', sourceDir: folder },
  };
  // Nobody aligns yet: the run waits with everything planned.
  const planner = await bench.startWorker(dataset);
  const run = await bench.startRun(dataset, { request });
  const shard = bench.connected.client.workflow.getHandle(`${run.workflowId}/align/00000`);
  await eventually('the bundle to wait', async () => {
    const { raw } = await shard.describe().catch(() => ({ raw: undefined }));
    return raw?.pendingActivities?.some(({ activityType }) => activityType?.name === 'alignBundle');
  });
  await planner.shutdown();
  emptyAll(notesOf(dataset));
  const worker = await bench.startWorker(dataset, { alignThreads: 1 });
  onTestFinished(() => worker.shutdown());
  const result = await run.result();
  expect(result.progress.kinds.align).toMatchObject({ files: 2, doneFiles: 2 });
  expect(await times(run, 'planPhotos')).toBe(2);
  expect(existsSync(join(dataset.out, 'aligned/0_0.png'))).toBe(true);
}, 120_000);

test('a dry run with damaged notes plans what the run would, and writes nothing', async () => {
  const dataset = await serveDataset({ ids: [0, 1, 1000], kinds: ['images', 'thumbs'] });
  onTestFinished(() => dataset.close());
  await bench.runToEnd(dataset);
  const plan = () =>
    planLocally({
      ...{ out: dataset.out, request: dataset.request, reserveBytes: 0, seal: testSeal },
      signal: new AbortController().signal,
    });
  const whole = (await plan())?.kinds;
  expect(whole?.find(({ kind }) => kind === 'images')).toMatchObject({ files: 3, thereFiles: 3 });
  for (const damage of [tornSlices, emptyAll]) {
    damage(notesOf(dataset));
    const everything = () => readAll(filesUnder(dataset.out).map((path) => join(dataset.out, path)));
    const before = everything();
    expect((await plan())?.kinds).toEqual(whole);
    expect(everything()).toEqual(before);
  }
}, 120_000);
