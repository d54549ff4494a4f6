import { dirname, join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import { readConfig } from '../../src/config.ts';
import type { RunProgress } from '../../src/domain/run/progress.ts';
import type { StoreRef } from '../../src/domain/run/request.ts';
import { type StartedRun, startRun } from '../../src/runs/start-run.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { progressQuery } from '../../src/workflows/contract/messages.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { testKey } from '../support/test-key.ts';

/** Two thousand-folders, with the gaps that a list of ids may have. */
const IDS = [...range(0, 96), ...range(1000, 1096)];

/** What goes wrong with which file, so that there is something to see. */
const troubled = {
  missing: [5, 17],
  corrupt: [40],
  underQuota: [1003, 1004, 1005],
  slow: [...range(64, 96), ...range(1064, 1096)],
} as const;

export interface RunInProgress {
  readonly run: StartedRun;
  readonly out: string;
  close(): Promise<void>;
}

const sizes = {
  small: { images: 128, bytesPerSecond: 100 },
  /** About 1.8 MiB each, for pictures. */
  'life-size': { images: 1024, bytesPerSecond: 20_000 },
} as const;

/** A run that stands still where a person can look: all that arrives quickly is there, the rest comes in drops. */
export async function startRunInProgress(size: keyof typeof sizes): Promise<RunInProgress> {
  const { images, bytesPerSecond } = sizes[size];
  const dataset = await serveDataset(
    { ids: IDS, kinds: ['images', 'thumbs'], pngSize: { images, thumbs: 128 } },
    { numAttempts: 1 },
  );
  misbehave(dataset, bytesPerSecond);
  const bench = await openBench();
  const worker = await bench.startWorker(dataset, {
    // The slow ones hold a slot each and must leave some to the others.
    numThreads: 2 * troubled.slow.length,
    config: { ...readConfig({}), quotaWaitSeconds: 4 * 3600 },
  });
  const store = await ensureStore(join(dirname(dataset.out), 'faces'));
  const run = await start(bench, dataset, store);
  await untilOnlyTheSlowIsLeft(bench, run);
  return { run, out: store.path, close: () => closeAll(bench, worker, dataset, run) };
}

function misbehave({ drive, idOf }: ServedDataset, bytesPerSecond: number): void {
  for (const id of troubled.missing) drive.behave(idOf(image(id)), [{ kind: 'missing' }]);
  for (const id of troubled.corrupt) drive.behave(idOf(image(id)), [{ kind: 'flip-byte', at: 1000 }]);
  for (const id of troubled.underQuota) drive.behave(idOf(thumb(id)), [{ kind: 'quota' }]);
  for (const id of troubled.slow) drive.behave(idOf(image(id)), [{ kind: 'drip', bytesPerSecond }]);
}

async function start(bench: TestBench, dataset: ServedDataset, store: StoreRef): Promise<StartedRun> {
  const { client, clusterId, address, namespace } = bench.connected;
  return startRun({
    client,
    taskQueue: bench.taskQueue,
    store,
    request: dataset.request,
    server: { clusterId, address, namespace },
    takeOver: false,
    signingKey: testKey,
    searchAttributes: true,
  });
}

async function untilOnlyTheSlowIsLeft(bench: TestBench, { workflowId }: StartedRun): Promise<void> {
  const handle = bench.connected.client.workflow.getHandle(workflowId);
  const isSo = ({ kinds, waits, children }: RunProgress) =>
    kinds.thumbs?.doneFiles === IDS.length - troubled.underQuota.length &&
    kinds.images?.failedFiles === troubled.missing.length + troubled.corrupt.length &&
    waits.length === 1 &&
    children.length === 2;
  let last: RunProgress | undefined;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await later(300)) {
    last = await handle.query(progressQuery);
    if (isSo(last)) return;
  }
  throw new Error(`run [${workflowId}]: expected only slow files to be left, got ${JSON.stringify(last)}`);
}

async function closeAll(
  bench: TestBench,
  worker: RunningWorker,
  dataset: ServedDataset,
  { workflowId }: StartedRun,
): Promise<void> {
  const handle = bench.connected.client.workflow.getHandle(workflowId);
  await handle.cancel();
  await handle.result().catch(() => {});
  await worker.shutdown();
  await bench.close();
  await dataset.close();
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function image(id: number): string {
  return path('images1024x1024', id);
}

function thumb(id: number): string {
  return path('thumbnails128x128', id);
}

function path(folder: string, id: number): string {
  const five = (value: number) => String(value).padStart(5, '0');
  return `${folder}/${five(id - (id % 1000))}/${five(id)}.png`;
}
