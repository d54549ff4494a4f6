import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { ensureStore, findStore } from '../../../src/activities/store/store-identity.ts';
import type { ImageId } from '../../../src/domain/dataset/ids.ts';
import { canonicalPath } from '../../../src/domain/dataset/layout.ts';
import type { ImageKind } from '../../../src/domain/kinds.ts';
import type { StoreRef } from '../../../src/domain/run/request.ts';
import { workflowIdOf } from '../../../src/runs/workflow-id.ts';
import { type ServedDataset, serveSample } from '../../support/datasets/serve-dataset.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { CoarseClock } from '../disk/coarse-clock.ts';
import { readTree } from '../disk/tree.ts';
import { archiveOf } from '../judge/wanted.ts';
import { CrashedDisks } from '../states/crashed-disk.ts';
import { type History, historyOf } from '../trace/file-operations.ts';
import { runTraced } from '../trace/traced-process.ts';
import { alignWords, type Datasets, fetchWords } from './datasets.ts';
import type { Ffhq } from './ffhq.ts';
import { runOnServer } from './milestones.ts';
import type { DatasetName, Recording } from './recording.ts';

/** What recordings are made with. */
export interface Recorder {
  readonly ffhq: Ffhq;
  readonly client: Client;
  readonly datasets: Datasets;
  /** For the dataset folders of the commands. */
  readonly root: string;
}

/** Longest life of a command that is killed in mid-run. */
const MID_RUN_MS = 60_000;

/** Real commands with real workers, one after the other, and everything that they did to their dataset folders. */
export async function recordAll(recorder: Recorder): Promise<Recording[]> {
  const pictures = join(recorder.root, 'pictures/out');
  return [
    await recordFirstRun(recorder, pictures),
    await recordSecondRun(recorder, pictures),
    await recordRepair(recorder, pictures),
    await recordTakeOver(recorder, join(recorder.root, 'pictures/killed')),
    await recordAligning(recorder, join(recorder.root, 'faces/out')),
    await recordArchive(recorder, join(recorder.root, 'archive/out')),
  ];
}

/** An empty folder but for two files that the user has: one is right and is adopted, one is not. */
async function recordFirstRun(recorder: Recorder, out: string): Promise<Recording> {
  return served(recorder, 'pictures', async (dataset) => {
    const { folder } = dataset.sample;
    const [right, wrong, broken, flipped] = [
      picture('images', 0),
      picture('images', 1),
      picture('wilds', 1),
      picture('thumbs', 0),
    ];
    for (const path of [right, wrong]) mkdirSync(dirname(join(out, path)), { recursive: true });
    copyFileSync(join(folder, right), join(out, right));
    writeFileSync(join(out, wrong), 'not this picture');
    // Half a file that is gone on with, one that comes in many pieces, and a whole one that is wrong.
    dataset.drive.behave(dataset.idOf(broken), { kind: 'cut', afterBytes: 9_000, how: 'close', times: 1 });
    dataset.drive.behave(dataset.idOf(picture('wilds', 2)), { kind: 'drip', bytesPerSecond: 16_000 });
    dataset.drive.behave(dataset.idOf(flipped), { kind: 'flip-byte', at: 300, times: 1 });
    return record(recorder, {
      name: 'first-run',
      dataset,
      out,
      words: ['run', ...fetchWords(dataset.sample, out)],
    });
  });
}

/** Everything is there already. */
async function recordSecondRun(recorder: Recorder, out: string): Promise<Recording> {
  return served(recorder, 'pictures', (dataset) =>
    record(recorder, {
      name: 'second-run',
      dataset,
      out,
      words: ['run', ...fetchWords(dataset.sample, out)],
    }),
  );
}

/** A file has rotted, and nothing but its bytes tells; another one is gone. */
async function recordRepair(recorder: Recorder, out: string): Promise<Recording> {
  const rotten = join(out, picture('images', 2));
  const kept = join(recorder.root, 'kept');
  execFileSync('cp', ['-p', rotten, kept]);
  writeFileSync(rotten, Buffer.alloc(statSync(kept).size, 7));
  execFileSync('touch', ['-r', kept, rotten]);
  rmSync(join(out, picture('wilds', 1000)));
  return served(recorder, 'pictures', (dataset) => {
    const words = ['verify', '--repair', '--out', out, '--reserve', '0', '--output', 'json'];
    return record(recorder, { name: 'repair', dataset, out, words });
  });
}

/** A command was killed in the middle of files; this one goes on with them. */
async function recordTakeOver(recorder: Recorder, out: string): Promise<Recording> {
  return served(recorder, 'pictures', async (dataset) => {
    const words = ['run', ...fetchWords(dataset.sample, out)];
    const slow = [0, 1, 2].map((id) => picture('wilds', id));
    for (const path of slow)
      dataset.drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond: 4_000 });
    const isBegun = (path: string) => partialBytes(join(out, path)) > 0;
    await recorder.ffhq.run(words, dataset.drive.origin, {
      enough: () => slow.every(isBegun),
      ms: MID_RUN_MS,
    });
    if (!slow.every(isBegun))
      throw new Error('take-over: expected a command killed in the middle of three files');
    for (const path of slow) dataset.drive.behave(dataset.idOf(path), undefined);
    return record(recorder, { name: 'take-over', dataset, out, words });
  });
}

async function recordAligning(recorder: Recorder, out: string): Promise<Recording> {
  return served(recorder, 'faces', (dataset) => {
    const words = ['run', ...alignWords(dataset.sample, out), '--discard-originals'];
    return record(recorder, { name: 'aligning', dataset, out, words });
  });
}

/** The real ones are as large as the official manifest says: this one is asked for by its Activities, range by range. */
async function recordArchive(recorder: Recorder, out: string): Promise<Recording> {
  return served(recorder, 'archive', async ({ drive, sample }) => {
    const archive = archiveOf(sample);
    if (archive === undefined) throw new Error('archive: expected an archive in its dataset');
    const store = await ensureStore(out);
    const owner = { workflowId: workflowIdOf(store), clusterId: 'c', address: 'a', namespace: 'n' };
    // As flags nobody gave leave it: what a cut has torn must not use up a file's attempts.
    const request = { ...archiveRequest, numAttempts: 10 };
    const context = { store, owner, run: 'archive-run', request };
    const [id = ''] = [...sample.files].find(([, { filePath }]) => filePath === archive.path) ?? [];
    drive.behave(id, { kind: 'cut', afterBytes: 10_000, how: 'close', from: 2, times: 1 });
    const before = readTree(out);
    const script = fileURLToPath(new URL('./archive-worker.ts', import.meta.url));
    const input = JSON.stringify({ context, archive, origin: drive.origin });
    const words = ['--import', 'tsx', script, input];
    const ended = await runTraced(words, process.env, join(recorder.root, 'trace-of-archive'));
    if (ended.code !== 0)
      throw new Error(`archive: expected exit code 0, got ${ended.code}\n${ended.output}`);
    const milestones = { started: 0, planned: undefined, finished: [] };
    const history = historyOf(ended.calls, out, before);
    expectSame('archive', store, history);
    return { name: 'archive', dataset: 'archive', words: [], context, history, milestones };
  });
}

async function served<Answer>(
  { datasets, root }: Recorder,
  name: DatasetName,
  work: (dataset: ServedDataset & { readonly name: DatasetName }) => Promise<Answer>,
): Promise<Answer> {
  const dataset = await serveSample(datasets[name], root);
  try {
    return await work({ ...dataset, name });
  } finally {
    await dataset.drive.close();
  }
}

async function record(
  { ffhq, client }: Recorder,
  what: {
    readonly name: string;
    readonly dataset: ServedDataset & { readonly name: DatasetName };
    readonly out: string;
    readonly words: readonly string[];
  },
): Promise<Recording> {
  const { name, dataset, out, words } = what;
  const before = readTree(out);
  const calls = await ffhq.traced(words, dataset.drive.origin, 0);
  const history = historyOf(calls, out, before);
  const store = await findStore(out);
  if (store === undefined) throw new Error(`${name}: expected a store, got none`);
  expectSame(name, store, history);
  const { context, milestones } = await runOnServer(client, workflowIdOf(store));
  return { name, dataset: dataset.name, words, context, history, milestones };
}

/** What was read from the trace leads to what lies there, byte for byte. */
function expectSame(name: string, { path: out, id: storeId }: StoreRef, history: History): void {
  const clock = new CoarseClock([storeId]);
  const nothing = { lost: new Set<number>(), torn: new Map() };
  const replayed = new CrashedDisks(history, clock).after(history.operations.length, nothing);
  const real = readTree(out);
  const differing = [...new Set([...replayed.keys(), ...real.keys()])].filter((path) => {
    const bytes = real.get(path)?.bytes;
    const isSame = bytes
      ? replayed.get(path)?.bytes.equals(clock.rewritten(bytes, path))
      : !replayed.get(path);
    return !isSame || replayed.has(path) !== real.has(path);
  });
  if (differing.length > 0) throw new Error(`${name}: expected the trace to lead to ${differing.join(', ')}`);
}

function picture(kind: ImageKind, id: number): string {
  return canonicalPath(kind, id as ImageId);
}

function partialBytes(target: string): number {
  try {
    const names = readdirSync(dirname(target)).filter((name) => name.endsWith('.ffhq-part'));
    const own = names.filter((name) => join(dirname(target), name).startsWith(`${target}.`));
    return Math.max(0, ...own.map((name) => statSync(join(dirname(target), name)).size));
  } catch {
    return 0;
  }
}
