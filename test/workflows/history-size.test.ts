import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { findStore } from '../../src/activities/store/store-identity.ts';
import { kinds } from '../../src/domain/kinds.ts';
import { CONTINUE_AS_NEW_EVENTS, RANGE_BYTES, signalsPerShard } from '../../src/domain/run/plan.ts';
import type { ChildProgress, RunProgress } from '../../src/domain/run/progress.ts';
import type { Behaviour } from '../../src/stand-in/behaviours.ts';
import { setPausedSignal } from '../../src/workflows/contract/messages.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { serveDataset } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { picture, runsOf } from '../support/watch-run.ts';

/** What is promised of every history: cold replay stays below 3 s on two cores (about 0.9 ms an event). */
const PROMISED_EVENTS = 3_000;

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = temporal.api.enums.v1;

function countOf(events: readonly HistoryEvent[], type: temporal.api.enums.v1.EventType): number {
  return events.filter(({ eventType }) => eventType === type).length;
}

/*
 * The whole dataset is 70,000 records of three kinds and nine large files: 210 shards.
 *
 *   thumbs     1000 / 500 files                  =   2 bundles a shard
 *   images     1000 / 32 files                   =  32
 *   wilds      four of 13.6 MB in 64 MiB         = 250, the longest history of a shard
 *   tfrecords  220 GB / 1 GiB                    = 206 ranges, the longest history of a large file
 *
 * In a shard a bundle costs at most 6 events (3 of its Activity, 3 of a Workflow Task of its own), one more where files
 * of it failed, and a progress signal 5; in the run a child costs at most 9 and a signal 4. What is measured here must
 * not be more than that, and with that
 *
 *   shard of originals   12 + 250 x 7 + 8 x 5           = 1,802
 *   large file           12 + 206 x 6                   = 1,248
 *   run                  60 + 210 x 9 + 9 x 9           = 2,031, without signals: beside archives there is no room for them
 */
const PER_BUNDLE = 6;
const PER_CHILD = 9;
const PER_FAILURES = 1;
const FIXED_IN_SHARD = 12;
const FIXED_IN_RUN = 60;

test('histories of a whole folder and two small ones, extrapolated to 210,009 files, stay below 3,000 events', async () => {
  const folders = new Map([
    ['00000', 1_000],
    ['01000', 100],
    ['02000', 100],
  ]);
  const ids = [...folders].flatMap(([first, count]) =>
    Array.from({ length: count }, (_, nth) => Number(first) + nth),
  );
  const dataset = await serveDataset({ ids, kinds: ['thumbs'], pngSize: { thumbs: 4 } });
  try {
    const result = await bench.runToEnd(dataset);
    expect(result.progress.kinds.thumbs).toMatchObject({ files: ids.length, fetchedFiles: ids.length });
    const workflowId = await workflowIdOf(dataset.out);
    for (const [folder, count] of folders) {
      const bundles = Math.ceil(count / kinds.thumbs.bundle.files);
      const runs = await runsOf(bench, `${workflowId}/thumbs/${folder}`);
      expect(runs.length).toBe(1);
      const events = runs[0]?.history.events ?? [];
      const signals = countOf(events, EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED);
      // Bundles and one plan.
      expect(countOf(events, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)).toBe(bundles + 1);
      expect(events.length).toBeLessThanOrEqual(FIXED_IN_SHARD + bundles * PER_BUNDLE + signals * 5);
    }
    const [run] = await runsOf(bench, workflowId);
    const events = run?.history.events ?? [];
    const signals = countOf(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED);
    expect(events.length).toBeLessThanOrEqual(FIXED_IN_RUN + 3 * PER_CHILD + signals * 4);

    const originals = Math.ceil(1_000 / Math.floor((64 * 1024 ** 2) / 13.6e6));
    expect(FIXED_IN_SHARD + originals * (PER_BUNDLE + PER_FAILURES) + 8 * 5).toBeLessThan(
      CONTINUE_AS_NEW_EVENTS,
    );
    const ranges = Math.ceil(220_205_650_000 / RANGE_BYTES);
    expect(FIXED_IN_SHARD + ranges * PER_BUNDLE).toBeLessThan(CONTINUE_AS_NEW_EVENTS);
    const whole = FIXED_IN_RUN + 210 * (PER_CHILD + 4 * signalsPerShard(210, 9)) + 9 * PER_CHILD;
    expect(whole).toBeLessThan(CONTINUE_AS_NEW_EVENTS);
  } finally {
    await dataset.close();
  }
}, 180_000);

/** With what signals add, enough for a Run of the shard and the next. */
const FILES = 200;
const files = Array.from({ length: FILES }, (_, id) => picture('thumbs', id));

/** A run of one shard, one file to an Activity, that is about to continue as new, with most of its files still to come. */
async function nearlyContinued() {
  const dataset = await serveDataset(
    { records: FILES, kinds: ['thumbs'], pngSize: { thumbs: 4 } },
    { bundleFiles: 1 },
  );
  const behave = (behaviour?: Behaviour) => {
    for (const path of files) dataset.drive.behave(dataset.idOf(path), behaviour);
  };
  // Some seconds for a file: a history of files alone would take a thousand of them.
  behave({ kind: 'drip', bytesPerSecond: 20 });
  const worker = await bench.startWorker(dataset);
  onTestFinished(async () => {
    await worker.shutdown();
    await dataset.close();
  });
  const run = await bench.startRun(dataset);
  const shard = bench.connected.client.workflow.getHandle(`${run.workflowId}/thumbs/00000`);
  const look = () => shard.describe().catch(() => undefined);
  const progress = () => shard.query<ChildProgress>('childProgress').catch(() => undefined);
  await eventually(
    'the shard to be about to continue as new',
    async () => {
      const described = await look();
      if (described === undefined) return false;
      if (described.historyLength > CONTINUE_AS_NEW_EVENTS - 60) return true;
      // It is not paused: each only makes its history longer. An answer says that it has taken them.
      await Promise.all(Array.from({ length: 16 }, () => shard.signal(setPausedSignal, false)));
      await progress();
      return false;
    },
    120_000,
  );
  const first = (await look())?.runId;
  behave();
  return { dataset, run, first, look, progress };
}

test('with one file to an Activity a shard continues as new before 3,000 events and fetches nothing twice', async () => {
  const { dataset, run } = await nearlyContinued();
  const result = await run.result();
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: FILES, fetchedFiles: FILES });
  const runs = await runsOf(bench, `${run.workflowId}/thumbs/00000`);
  expect(runs.length).toBeGreaterThan(1);
  for (const { events } of runs) expect(events).toBeLessThan(PROMISED_EVENTS);
  const scheduled = runs.reduce(
    (sum, { history }) => sum + countOf(history.events ?? [], EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED),
    0,
  );
  // One a file, and one plan a Run.
  expect(scheduled).toBe(FILES + runs.length);
  expect(files.filter((path) => dataset.fetches(path) !== 1)).toEqual([]);
}, 240_000);

test('a pause that comes just when a shard continues as new is kept, and nothing is fetched twice', async () => {
  const { dataset, run, first, look, progress } = await nearlyContinued();
  // Each pause ends in another moment of the change from one Run to the next.
  let pauses = 0;
  await eventually(
    'the shard to have continued',
    async () => {
      await run.executeUpdate('pause');
      pauses++;
      const paused = await run.query<RunProgress>('progress');
      expect(paused.paused).toBe(true);
      await run.executeUpdate('resume');
      return (await look())?.runId !== first;
    },
    60_000,
  );
  expect(pauses).toBeGreaterThan(0);
  await run.executeUpdate('pause');
  await eventually('the new Run to know of the pause', async () => {
    return (await progress())?.paused === true;
  });
  await run.executeUpdate('resume');
  const result = await run.result();
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.thumbs).toMatchObject({ files: FILES, doneFiles: FILES });
  // Only what a pause cut short is asked for again.
  const fetches = files.map((path) => dataset.fetches(path));
  expect(fetches.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(FILES + 16 * (pauses + 1));
}, 240_000);

async function workflowIdOf(out: string): Promise<string> {
  const store = await findStore(out);
  if (store === undefined) throw new Error(`store [path=${out}]: expected one`);
  return `ffhq-test-${store.id.slice(0, 8)}`;
}
