import type { RunContext } from '../../domain/run/run.ts';
import { RunFlow, type SeenRun } from './run-flow.ts';

/** Milliseconds between two looks at a run. What `ffhq set` says holds after one of them, everywhere. */
const LOOK_MS = 1_000;

/** Milliseconds that whoever begins a run waits for the first look: without a server the limits of before hold on. */
const FIRST_LOOK_MS = 3_000;

/** Milliseconds for which a run is looked at after its last Activity: small ones come one after the other. */
const LOOKED_AFTER_MS = 3_000;

/** Looks at a run on its server; whatever it throws, what was seen last holds on. */
export type LookAtRun = (workflowId: string) => Promise<SeenRun>;

/** One run, while any Activity of it is under way, and until what it owes its limits is paid. */
class FollowedRun {
  readonly flow: RunFlow;
  readonly #look: () => Promise<SeenRun>;
  readonly #onOver: () => void;
  readonly #timer: NodeJS.Timeout;
  #activities = 0;
  #idleSince = 0;
  #first: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  constructor(look: () => Promise<SeenRun>, flow: RunFlow, onOver: () => void) {
    this.#look = look;
    this.flow = flow;
    this.#onOver = onOver;
    this.#timer = setInterval(() => this.#tick(), LOOK_MS).unref();
  }

  /** Activities that only wait, because the run's limits serve no more of its files. */
  get waitingActivities(): number {
    return this.flow.isLimited ? Math.max(0, this.#activities - this.flow.inHand) : 0;
  }

  async within<Result>(work: (flow: RunFlow) => Promise<Result>): Promise<Result> {
    this.#activities++;
    try {
      this.#first ??= this.#firstLook();
      await this.#first;
      return await work(this.flow);
    } finally {
      this.#activities--;
      if (this.#activities === 0) this.#idleSince = performance.now();
    }
  }

  #tick(): void {
    this.flow.pass();
    if (this.#activities > 0 || performance.now() - this.#idleSince < LOOKED_AFTER_MS) {
      void this.#lookOnce();
      return;
    }
    // Whoever comes now looks first.
    this.#first = undefined;
    if (this.flow.owes) return;
    clearInterval(this.#timer);
    this.#onOver();
  }

  #lookOnce(): Promise<void> {
    this.#looking ??= this.#look()
      // Also where it failed: a timetable goes on.
      .then(
        (seen) => this.flow.follow(seen, Date.now()),
        () => this.flow.follow(undefined, Date.now()),
      )
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  #firstLook(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const atMost = new Promise<void>((resolve) => {
      late = setTimeout(resolve, FIRST_LOOK_MS);
    });
    return Promise.race([this.#lookOnce(), atMost]).finally(() => clearTimeout(late));
  }
}

/** What the runs may do that this process works for: their limits, looked at while any Activity of theirs is under way. */
export class RunFlows {
  readonly #look: LookAtRun;
  readonly #onWait: () => void;
  readonly #byRun = new Map<string, FollowedRun>();

  /** @param onWait a file in hand begins to wait for its turn */
  constructor(look: LookAtRun, onWait: () => void = () => {}) {
    this.#look = look;
    this.#onWait = onWait;
  }

  /** Does some work for a run, within its limits. */
  within<Result>(
    { owner, run }: Pick<RunContext, 'owner' | 'run'>,
    work: (flow: RunFlow) => Promise<Result>,
  ): Promise<Result> {
    const followed = this.#byRun.get(run) ?? this.#follow(run, owner.workflowId);
    return followed.within(work);
  }

  /** Files in hand that only wait for their turn. */
  get waiting(): number {
    return this.#sum(({ flow }) => flow.waiting);
  }

  /** Activities that only wait, because the limits of their runs serve no more of their files. */
  get waitingActivities(): number {
    return this.#sum(({ waitingActivities }) => waitingActivities);
  }

  #sum(count: (run: FollowedRun) => number): number {
    let sum = 0;
    for (const run of this.#byRun.values()) sum += count(run);
    return sum;
  }

  #follow(run: string, workflowId: string): FollowedRun {
    const followed = new FollowedRun(
      () => this.#look(workflowId),
      new RunFlow(this.#onWait),
      () => this.#byRun.delete(run),
    );
    this.#byRun.set(run, followed);
    return followed;
  }
}
