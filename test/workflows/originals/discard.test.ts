import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { ORIGINALS_AHEAD } from '../../../src/domain/run/plan.ts';
import type { RunProgress } from '../../../src/domain/run/progress.ts';
import type { RunResult } from '../../../src/domain/run/workflow-inputs.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { serveCopies } from '../../support/datasets/serve-copies.ts';
import { alignByDefault, type ServedDataset } from '../../support/datasets/serve-dataset.ts';
import { fillDisk, mayMount, smallDisk } from '../../support/disks/small-disk.ts';
import { eventually } from '../../support/eventually.ts';
import { picture } from '../../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const MIB = 1024 ** 2;
const PATIENCE_MS = 240_000;

async function copies(ids: readonly number[], originalOf?: (id: number) => number): Promise<ServedDataset> {
  const align = { ...alignByDefault, discardOriginals: true };
  const dataset = await serveCopies(ids, { kinds: ['wilds', 'align'], align, bundleFiles: 1 }, originalOf);
  onTestFinished(() => dataset.close());
  return dataset;
}

async function work(dataset: ServedDataset, quotaSeconds = '3600'): Promise<void> {
  const config = readConfig({ FFHQ_QUOTA_WAIT: quotaSeconds });
  const worker = await bench.startWorker(dataset, { alignThreads: 2, config });
  onTestFinished(() => worker.shutdown());
}

async function run(dataset: ServedDataset): Promise<RunResult> {
  return (await bench.startRun(dataset)).result();
}

/** Folders with an original on the disk. */
function foldersWithOriginals({ out }: ServedDataset): string[] {
  const root = join(out, 'in-the-wild-images');
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { withFileTypes: true, recursive: true });
  return [...new Set(files.filter(({ name }) => name.endsWith('.png')).map(({ parentPath }) => parentPath))];
}

test('files under quota in ten folders: the others are aligned and make room, and all comes when the quota is over', async () => {
  const folders = Array.from({ length: 10 }, (_, nth) => nth * 1000);
  const dataset = await copies(folders.flatMap((first) => [first, first + 1, first + 2]));
  const waiting = folders.map((first) => picture('wilds', first + 1));
  for (const path of waiting) dataset.drive.behave(dataset.idOf(path), { kind: 'quota' });
  await work(dataset, '15');
  const handle = await bench.startRun(dataset);
  let most = 0;
  await eventually(
    'everything but the files under quota to be aligned',
    async () => {
      most = Math.max(most, foldersWithOriginals(dataset).length);
      const { kinds } = await handle.query<RunProgress>('progress');
      return kinds.align?.doneFiles === 20 && foldersWithOriginals(dataset).length === 0;
    },
    PATIENCE_MS,
  );
  expect(most).toBeLessThanOrEqual(ORIGINALS_AHEAD);
  for (const path of waiting) dataset.drive.behave(dataset.idOf(path), undefined);
  const result = await handle.result();
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.align).toMatchObject({ files: 30, doneFiles: 30, identicalFiles: 30 });
  expect(result.progress.kinds.wilds).toMatchObject({ doneFiles: 30, fetchedFiles: 30 });
  expect(foldersWithOriginals(dataset)).toEqual([]);
}, 600_000);

test('two records that share an original, in two folders: both are aligned, and it goes after the second', async () => {
  const dataset = await copies([0, 1, 1000], (id) => (id === 1000 ? 0 : id));
  await work(dataset);
  const result = await run(dataset);
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.align).toMatchObject({ files: 3, doneFiles: 3, identicalFiles: 3 });
  expect(foldersWithOriginals(dataset)).toEqual([]);
  const again = await run(dataset);
  expect(again.status).toBe('complete');
  expect(again.progress.kinds.wilds).toMatchObject({ doneFiles: 3, fetchedFiles: 0 });
}, 240_000);

test('two records that share an original in one folder are both aligned, and it goes', async () => {
  const dataset = await copies([0, 1, 2], (id) => (id === 1 ? 0 : id));
  await work(dataset);
  const result = await run(dataset);
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.align).toMatchObject({ files: 3, doneFiles: 3, identicalFiles: 3 });
  expect(foldersWithOriginals(dataset)).toEqual([]);
}, 240_000);

test('an original whose removal a kill prevented goes in the next run, unfetched; one that a user put there stays', async () => {
  const dataset = await copies([0, 1]);
  await work(dataset);
  const original = join(dataset.out, picture('wilds', 0));
  const handle = await bench.startRun(dataset);
  const kept = `${dataset.out}-kept.png`;
  await eventually('an original', () => keep(original, kept), PATIENCE_MS);
  expect((await handle.result()).status).toBe('complete');
  expect(foldersWithOriginals(dataset)).toEqual([]);
  renameSync(kept, original);
  const users = join(dataset.out, picture('wilds', 1));
  copyFileSync(join(dataset.sample.folder, picture('wilds', 1)), users);

  const again = await run(dataset);
  expect(again.status).toBe('complete');
  expect([existsSync(original), existsSync(users)]).toEqual([false, true]);
  expect([0, 1].map((id) => dataset.fetches(picture('wilds', id)))).toEqual([1, 1]);
  expect(again.progress.kinds.align).toMatchObject({ doneFiles: 2, fetchedFiles: 0, identicalFiles: 2 });
}, 240_000);

test.skipIf(!mayMount())(
  'a disk with room for a few originals only: fetching and aligning take turns until all is there (needs the right to mount)',
  async () => {
    const ids = [0, 1, 2, 3, 1000, 1001, 2000, 3000, 4000, 5000];
    const served = await copies(ids);
    const size = statSync(join(served.sample.folder, picture('wilds', 0))).size;
    const pictures = 10 * statSync(join(served.sample.folder, picture('images', 0))).size;
    const disk = smallDisk(Math.ceil((pictures + 6 * size) / MIB) + 64);
    const dataset = { ...served, out: join(disk, 'out') };
    mkdirSync(dataset.out);
    await work(dataset);
    // None has its room taken before the disk is filled.
    const originals = ids.map((id) => dataset.idOf(picture('wilds', id)));
    for (const id of originals) dataset.drive.behave(id, { kind: 'reset-before-headers' });
    const handle = await bench.startRun(dataset);
    await eventually('the plan, which found room', async () => {
      const { stage } = await handle.query<RunProgress>('progress');
      return stage === 'fetch';
    });
    // What is kept free for pictures and notes, and two originals: too little for the four of the first folder.
    const free = fillDisk(disk, 8 * MIB + Math.floor(2.5 * size));
    for (const id of originals) dataset.drive.behave(id, undefined);
    await eventually('fetching of the first folder to end', async () => {
      const { events } = await handle.fetchHistory();
      return events?.some(({ childWorkflowExecutionCompletedEventAttributes: ended }) =>
        ended?.workflowExecution?.workflowId?.endsWith('/wilds/00000'),
      );
    });
    // The pictures have room now, and still no more than two originals at a time.
    free();
    fillDisk(disk, 8 * MIB + pictures + Math.floor(2.5 * size));
    const result = await handle.result();
    expect(result.status).toBe('complete');
    expect(result.progress.kinds.align).toMatchObject({ doneFiles: 10, identicalFiles: 10 });
    expect(foldersWithOriginals(dataset)).toEqual([]);
    const { events = [] } = await handle.fetchHistory();
    const fetching = events?.filter(({ startChildWorkflowExecutionInitiatedEventAttributes: started }) =>
      started?.workflowId?.includes('/wilds/'),
    );
    // Once for each folder is what a large disk takes.
    expect(fetching?.length).toBeGreaterThan(6);
  },
  600_000,
);

test.skipIf(!mayMount())(
  'a disk without room for one original: the run waits, says so, and goes on by itself (needs the right to mount)',
  async () => {
    const served = await copies([0, 1000]);
    const disk = smallDisk(64);
    const dataset = { ...served, out: join(disk, 'out') };
    mkdirSync(dataset.out);
    await work(dataset);
    const both = [0, 1000].map((id) => dataset.idOf(picture('wilds', id)));
    for (const id of both) dataset.drive.behave(id, { kind: 'drip', bytesPerSecond: 1_000 });
    const handle = await bench.startRun(dataset);
    await eventually('both to be on their way', () =>
      both.every((id) => dataset.drive.requests.some(({ file, bytesSent }) => file === id && bytesSent > 0)),
    );
    const free = fillDisk(disk, MIB / 2);
    for (const id of both) dataset.drive.behave(id, undefined);
    // Those on their way go on as slowly, unless they are asked for again.
    await handle.executeUpdate('pause');
    await handle.executeUpdate('resume');
    await eventually('the wait to be told', async () => {
      const { waits } = await handle.query<RunProgress>('progress');
      return waits.some(({ reason }) => reason === 'disk-full');
    });
    free();
    const result = await handle.result();
    expect(result.status).toBe('complete');
    expect(result.progress.kinds.align).toMatchObject({ doneFiles: 2, identicalFiles: 2 });
  },
  240_000,
);

/** A second name for the very file; false where it went in the moment. */
function keep(original: string, kept: string): boolean {
  try {
    linkSync(original, kept);
    return true;
  } catch {
    return false;
  }
}
