import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServedDataset, serveSample } from '../../support/datasets/serve-dataset.ts';
import { CoarseClock } from '../disk/coarse-clock.ts';
import type { Tree } from '../disk/tree.ts';
import type { Datasets } from '../recordings/datasets.ts';
import type { DatasetName, Recording } from '../recordings/recording.ts';
import type { Recordings } from '../recordings/session.ts';
import { type CrashState, StatesOf } from '../states/crash-states.ts';
import { judge } from './judge.ts';
import type { Violation } from './laws.ts';
import { Threads } from './worker-activities.ts';

export interface Verdict {
  readonly state: CrashState;
  readonly violations: readonly Violation[];
}

/** States are settled side by side: most of their time they wait for logs to gather lines. */
const LANES = 8;

/** The states of all recordings. */
export class StateBook {
  readonly #states = new Map<string, StatesOf>();
  readonly #recordings: ReadonlyMap<string, Recording>;

  constructor({ recordings }: Recordings) {
    const clock = new CoarseClock(recordings.map(({ context }) => context.store.id));
    this.#recordings = new Map(recordings.map((recording) => [recording.name, recording]));
    for (const { name, history } of recordings) this.#states.set(name, new StatesOf(name, history, clock));
  }

  all(): CrashState[] {
    return [...this.#states.values()].flatMap((states) => [...states.all()]);
  }

  recordingOf({ recording: name }: CrashState): Recording {
    const recording = this.#recordings.get(name);
    if (recording === undefined) throw new Error(`recording [${name}]: expected it, got none`);
    return recording;
  }

  treeOf(state: CrashState): Tree {
    return this.#statesOf(state).treeOf(state);
  }

  /** What happened before the cut, and what was lost of it, for people. */
  linesOf(state: CrashState): string[] {
    return this.#statesOf(state).linesOf(state);
  }

  #statesOf({ recording }: CrashState): StatesOf {
    const states = this.#states.get(recording);
    if (states === undefined) throw new Error(`recording [${recording}]: expected it, got none`);
    return states;
  }
}

/** Judges states by the Activities alone; `onVerdict` hears of each as it is done. */
export async function judgeAll(
  { datasets }: Recordings,
  book: StateBook,
  states: readonly CrashState[],
  onVerdict: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const scratch = mkdtempSync(join(memoryFolder(), 'ffhq-crash-states-'));
  const threads = new Threads();
  const verdicts: Verdict[] = [];
  const queue = states.values();
  const work = async (nth: number) => {
    const origins = await serveAll(datasets);
    try {
      for (const state of queue) {
        const recording = book.recordingOf(state);
        const out = join(scratch, String(nth));
        const origin = origins[recording.dataset];
        const violations = await judge(recording, state, book.treeOf(state), origin, threads, out);
        verdicts.push({ state, violations });
        onVerdict({ state, violations });
      }
    } finally {
      for (const { drive } of Object.values(origins)) await drive.close();
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, (_, nth) => work(nth)));
  } finally {
    await threads.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  return verdicts;
}

/** Their own for each lane, so that what was asked for is known of every state. */
async function serveAll(datasets: Datasets): Promise<Readonly<Record<DatasetName, ServedDataset>>> {
  const [pictures, faces, archive] = await Promise.all(
    [datasets.pictures, datasets.faces, datasets.archive].map((sample) => serveSample(sample, sample.folder)),
  );
  if (!pictures || !faces || !archive) throw new Error('unreachable: three were served');
  return { pictures, faces, archive };
}

/** States need not outlive the machine, and syncs to a real disk would take minutes. */
function memoryFolder(): string {
  return process.platform === 'linux' ? '/dev/shm' : tmpdir();
}
