import { rmSync } from 'node:fs';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { workflowIdOf } from '../../../src/runs/workflow-id.ts';
import type { ServedDataset } from '../../support/datasets/serve-dataset.ts';
import { nameFolderInMark } from '../disk/marks.ts';
import { type Tree, writeTree } from '../disk/tree.ts';
import { knownAt, type Recording } from '../recordings/recording.ts';
import type { CrashState } from '../states/crash-states.ts';
import { StuckError } from './attempts.ts';
import {
  type Case,
  countedWrong,
  fetchedForNothing,
  fetchedInVain,
  litterIn,
  type Violation,
  wrongAtTheEnd,
} from './laws.ts';
import { settleArchive } from './settle-archive.ts';
import { type OnPlan, type Settled, settleRun } from './settle-run.ts';
import { archiveOf, shardsOf, wantedFiles } from './wanted.ts';
import { newWorker, type Threads } from './worker-activities.ts';

/** Lays a state out in the folder `out`, lets the Activities settle it, and answers which laws were broken. */
export async function judge(
  recording: Recording,
  state: CrashState,
  before: Tree,
  { sample, drive }: Pick<ServedDataset, 'sample' | 'drive'>,
  threads: Threads,
  out: string,
): Promise<readonly Violation[]> {
  const { request } = recording.context;
  const it: Case = { sample, request, wanted: wantedFiles(sample, request), before };
  rmSync(out, { recursive: true, force: true });
  writeTree(out, before);
  nameFolderInMark(out);
  const from = drive.requests.length;
  const violations: Violation[] = [];
  const planned = new Set<string>();
  const time = state.last?.time ?? 0;
  const isSameRun = state.successor === 'same run' && time > recording.milestones.started;
  const known = isSameRun ? knownAt(recording.milestones, time) : undefined;
  const archive = archiveOf(sample);
  const { activities, close } = newWorker(out, drive.origin, threads, archive);
  try {
    const context = isSameRun ? recording.context : await contextOfNewRun(recording, out);
    const onPlan: OnPlan = (shard, plan) => {
      planned.add(`${shard.kind}/${shard.folder}`);
      violations.push(...countedWrong(it, out, shard, plan));
    };
    const settled = archive
      ? await settleArchive(activities, context, archive)
      : await settleRun({ activities, context, known, onPlan });
    violations.push(...failuresOf(settled), ...wrongAtTheEnd(it, out), ...litterIn(out));
    // What a new run's plan leaves out altogether it takes for done.
    const leftOut = known
      ? []
      : shardsOf(sample, request).filter((one) => !planned.has(`${one.kind}/${one.folder}`));
    for (const shard of leftOut) violations.push(...countedWrong(it, out, shard, { bundles: [] }));
  } catch (error) {
    if (!(error instanceof StuckError)) throw error;
    violations.push({ law: 'hand', detail: error.message });
  } finally {
    await close();
  }
  const fetched = drive.requests
    .slice(from)
    .filter(({ answer }) => answer === 'file')
    .map(({ file }) => sample.files.get(file ?? '')?.filePath ?? '');
  violations.push(...fetchedInVain(it, fetched), ...fetchedForNothing(it, fetched));
  return violations;
}

/** As the command starts one. */
async function contextOfNewRun({ context }: Recording, out: string): Promise<RunContext> {
  try {
    const { id } = await ensureStore(out);
    const store = { path: context.store.path, id };
    const owner = { ...context.owner, workflowId: workflowIdOf(store) };
    return { store, owner, run: 'run-after-the-cut', request: context.request };
  } catch (error) {
    throw new StuckError(`ensureStore: ${(error as Error).message}`);
  }
}

function failuresOf({ failures }: Settled): Violation[] {
  return Object.entries(failures).map(([reason, { first }]) => ({
    law: 'complete',
    detail: `given up as ${reason}: ${first.join(', ')}`,
  }));
}
