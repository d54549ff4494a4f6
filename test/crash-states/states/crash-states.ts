import type { CoarseClock } from '../disk/coarse-clock.ts';
import type { Operation } from '../disk/operations.ts';
import { digestOf, type Tree } from '../disk/tree.ts';
import type { History } from '../trace/file-operations.ts';
import { CrashedDisks } from './crashed-disk.ts';
import { Dice } from './dice.ts';
import { allWays, drawsOf, lossAt, type Way } from './losses.ts';

/** Who goes on after the cut: a new command, or the run itself, whose server knew what it knows and saw no cut. */
export const successors = ['new run', 'same run'] as const;
export type Successor = (typeof successors)[number];

/** One disk that a power cut may leave, and who finds it. */
export interface CrashState {
  /** `<recording>/<operations before the cut>/<what was lost>/<draw>/<who goes on>`. */
  readonly id: string;
  readonly recording: string;
  readonly cut: number;
  readonly way: Way;
  readonly draw: number;
  readonly successor: Successor;
  /** The operation that the cut came after. */
  readonly last: Operation | undefined;
  readonly digest: string;
}

/** Every state of one recording. */
export class StatesOf {
  readonly #name: string;
  readonly #history: History;
  readonly #disks: CrashedDisks;

  constructor(name: string, history: History, clock: CoarseClock) {
    this.#name = name;
    this.#history = history;
    this.#disks = new CrashedDisks(history, clock);
  }

  /** Each disk once, however many ways lead there. */
  *all(): Generator<CrashState> {
    const seen = new Set<string>();
    for (let cut = 0; cut <= this.#history.operations.length; cut++) {
      for (const way of allWays) {
        for (let draw = 0; draw < drawsOf(way); draw++) {
          const digest = digestOf(this.#tree(cut, way, draw));
          if (seen.has(digest)) continue;
          seen.add(digest);
          const successor = new Dice(digest).one(successors);
          const id = [this.#name, cut, way, draw, successor].join('/').replaceAll(' ', '-');
          const last = this.#history.operations[cut - 1];
          yield { id, recording: this.#name, cut, way, draw, successor, last, digest };
        }
      }
    }
  }

  treeOf({ cut, way, draw }: CrashState): Tree {
    return this.#tree(cut, way, draw);
  }

  linesOf({ cut, way, draw }: CrashState): string[] {
    const { operations } = this.#history;
    const { lost, torn } = lossAt(operations, cut, way, draw);
    return operations.slice(0, cut).map(({ kind, path }, number) => {
      const fate = lost.has(number) ? 'lost' : (torn.get(number) ?? '');
      return `${String(number + 1).padStart(4)} ${fate.padEnd(5)} ${kind} ${path}`;
    });
  }

  #tree(cut: number, way: Way, draw: number): Tree {
    return this.#disks.after(cut, lossAt(this.#history.operations, cut, way, draw));
  }
}

/**
 * So many of the states, always the same ones: every kind of operation of every recording and every way to lose something
 * in turn, so that none is left out while another comes often.
 */
export function chosen(states: readonly CrashState[], count: number): CrashState[] {
  const groups = new Map<string, CrashState[]>();
  for (const state of states) {
    const group = `${state.recording} ${state.way} ${state.last?.kind}`;
    const known = groups.get(group);
    if (known) known.push(state);
    else groups.set(group, [state]);
  }
  const dice = new Dice('chosen');
  // Shuffled, so that few states are not all of one recording.
  const places = new Map([...groups.keys()].map((group) => [group, new Dice(group).below(2 ** 31)]));
  const shuffled = [...groups].sort(([a], [b]) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  const queues = shuffled.map(([, queue]) => queue);
  const picked: CrashState[] = [];
  while (picked.length < count && queues.length > 0) {
    for (const [nth, queue] of [...queues.entries()].reverse()) {
      const [state] = queue.splice(dice.below(queue.length), 1);
      if (state) picked.push(state);
      if (queue.length === 0) queues.splice(nth, 1);
      if (picked.length === count) break;
    }
  }
  return picked;
}
