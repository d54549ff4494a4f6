import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { serveSample } from '../../support/datasets/serve-dataset.ts';
import { nameFolderInMark } from '../disk/marks.ts';
import { type Tree, writeTree } from '../disk/tree.ts';
import { Ffhq } from '../recordings/ffhq.ts';
import type { Recording } from '../recordings/recording.ts';
import type { Recordings } from '../recordings/session.ts';
import type { CrashState } from '../states/crash-states.ts';
import type { StateBook, Verdict } from './judge-all.ts';
import { fetchedForNothing, fetchedInVain, litterIn, type Violation, wrongAtTheEnd } from './laws.ts';
import { wantedFiles } from './wanted.ts';

/** A command takes seconds: one that has not ended by then waits for somebody. */
const PATIENCE_MS = 120_000;

export interface WholeCommands {
  readonly recordings: Recordings;
  readonly book: StateBook;
  readonly client: Client;
  readonly address: string;
  /** For the state and logs of commands. */
  readonly root: string;
}

/** Only what is asked for by commands: an archive as large as a real one would take hours. */
export function isForCommands({ recording }: CrashState): boolean {
  return recording !== 'archive';
}

/** Lays each state out where its recording was made, gives the same command again, and holds what comes of it against the laws. */
export async function judgeByCommand(
  commands: WholeCommands,
  states: readonly CrashState[],
  onVerdict: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const byFolder = new Map<string, CrashState[]>();
  for (const state of states) {
    const { path } = commands.book.recordingOf(state).context.store;
    byFolder.set(path, [...(byFolder.get(path) ?? []), state]);
  }
  const verdicts: Verdict[] = [];
  // One command at a time has a folder.
  const lanes = [...byFolder.values()].map(async (mine, nth) => {
    const folder = join(commands.root, `user-${nth}`);
    const taskQueue = `crash-states-${process.pid}-${nth}`;
    const ffhq = new Ffhq({ folder, address: commands.address, taskQueue });
    for (const state of mine) {
      const recording = commands.book.recordingOf(state);
      const violations = await judgeOne(commands, ffhq, recording, commands.book.treeOf(state));
      verdicts.push({ state, violations });
      onVerdict({ state, violations });
    }
  });
  await Promise.all(lanes);
  return verdicts;
}

async function judgeOne(
  { recordings, client }: WholeCommands,
  ffhq: Ffhq,
  recording: Recording,
  before: Tree,
): Promise<readonly Violation[]> {
  const sample = recordings.datasets[recording.dataset];
  const { request, store, owner } = recording.context;
  const it = { sample, request, wanted: wantedFiles(sample, request), before };
  rmSync(store.path, { recursive: true, force: true });
  writeTree(store.path, before);
  nameFolderInMark(store.path);
  const { drive } = await serveSample(sample, sample.folder);
  try {
    const { code, output } = await ffhq.run(recording.words, drive.origin, { ms: PATIENCE_MS });
    const fetched = drive.requests
      .filter(({ answer }) => answer === 'file')
      .map(({ file }) => sample.files.get(file ?? '')?.filePath ?? '');
    const ended = code === 0 ? [...wrongAtTheEnd(it, store.path), ...litterIn(store.path)] : [];
    if (code === null) await endRun(client, owner.workflowId, recording);
    return [
      ...(code === 0 ? [] : [{ law: 'hand' as const, detail: `command: ${endOf(code, output)}` }]),
      ...ended,
      ...fetchedInVain(it, fetched),
      ...fetchedForNothing(it, fetched),
    ];
  } finally {
    await drive.close();
  }
}

function endOf(code: number | null, output: string): string {
  const [last = ''] = output.trim().split('\n').slice(-1);
  return `${code === null ? 'waited' : `exit code ${code}`}: ${last.slice(0, 300)}`;
}

/** The next state's command is to find no run of this one's. */
async function endRun(client: Client, workflowId: string, { milestones }: Recording): Promise<void> {
  const shards = milestones.finished.map(({ shard }) => `${workflowId}/${shard}`);
  for (const id of [workflowId, ...shards])
    await client.workflow
      .getHandle(id)
      .terminate()
      .catch(() => {});
}
