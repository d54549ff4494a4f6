import type { RunContext } from '../../domain/run/run.ts';
import { RunFlow, type SeenRun } from './run-flow.ts';

/** Milliseconds between two looks at a run. What `ffhq set` says holds after one of them, everywhere. */
const LOOK_MS = 1_000;

/** Milliseconds that whoever begins a run waits for the first look: without a server the limits of before hold on. */
const FIRST_LOOK_MS = 3_000;

/** Looks at a run on its server; whatever it throws, what was seen last holds on. */
export type LookAtRun = (workflowId: string) => Promise<SeenRun>;

interface Entry {
  readonly flow: RunFlow;
  users: number;
  first: Promise<void>;
  timer: NodeJS.Timeout;
}

/** What the runs may do that this process works for: their limits, looked at while any Activity of theirs is under way. */
export class RunFlows {
  readonly #look: LookAtRun;
  readonly #byRun = new Map<string, Entry>();

  constructor(look: LookAtRun) {
    this.#look = look;
  }

  /** Does some work for a run, within its limits. */
  async within<Result>(
    { owner, run }: Pick<RunContext, 'owner' | 'run'>,
    work: (flow: RunFlow) => Promise<Result>,
  ): Promise<Result> {
    const entry = this.#byRun.get(run) ?? this.#begin(run, owner.workflowId);
    entry.users++;
    try {
      await entry.first;
      return await work(entry.flow);
    } finally {
      entry.users--;
      if (entry.users === 0) {
        clearInterval(entry.timer);
        this.#byRun.delete(run);
      }
    }
  }

  #begin(run: string, workflowId: string): Entry {
    const flow = new RunFlow();
    let looking: Promise<void> | undefined;
    const look = () => {
      looking ??= this.#look(workflowId)
        // Also where it failed: a timetable goes on.
        .then(
          (seen) => flow.follow(seen, Date.now()),
          () => flow.follow(undefined, Date.now()),
        )
        .finally(() => {
          looking = undefined;
        });
      return looking;
    };
    let late: NodeJS.Timeout | undefined;
    const atMost = new Promise<void>((resolve) => {
      late = setTimeout(resolve, FIRST_LOOK_MS);
    });
    const first = Promise.race([look(), atMost]).finally(() => clearTimeout(late));
    const entry = { flow, users: 0, first, timer: setInterval(() => void look(), LOOK_MS) };
    entry.timer.unref();
    this.#byRun.set(run, entry);
    return entry;
  }
}
