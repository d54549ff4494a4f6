import type { RunContext } from '../../domain/run/run.ts';
import { RunFlow, type SeenRun } from './run-flow.ts';

/** Milliseconds between two looks at a run. What `ffhq set` says holds after one of them, everywhere. */
const LOOK_MS = 1_000;

/** Milliseconds that whoever begins waits for a look at a run whose limits are known: without a server they hold on. */
const KNOWN_LOOK_MS = 3_000;

/** The same of a run of which nothing is known: then it goes on without limits, rather than stop for ever. */
const UNKNOWN_LOOK_MS = 30_000;

/** Milliseconds for which a run is looked at after its last Activity: small ones come one after the other. */
const LOOKED_AFTER_MS = 3_000;

/** Runs without an Activity whose limits, and what they owe them, are kept; those that were over first are forgotten first. */
const MOST_KEPT = 1_000;

/** Activities of one run that may wait beside those at work, so that however many runs wait, none stops another one. */
const MOST_WAITING = 64;

/** Looks at a run on its server; whatever it throws, what was seen last holds on. */
export type LookAtRun = (workflowId: string) => Promise<SeenRun>;

/** Has a file of an Activity worked on when its turn has come, as {@link RunFlow.turn} does. */
type InTurn = RunFlow['turn'];

/** The files of one Activity. */
class FilesInTurn {
  /** Those that have not ended, and of them those that wait only for a place of the process, or have one. */
  #all = 0;
  #begun = 0;

  /** Do all of them wait for their run's sake, or their host's? */
  get areWaiting(): boolean {
    return this.#all > 0 && this.#begun === 0;
  }

  of(flow: RunFlow): InTurn {
    return async (start, signal, place, work) => {
      this.#all++;
      try {
        return await flow.turn(start, signal, (placed) => this.#beginning(() => place(placed)), work);
      } finally {
        this.#all--;
      }
    };
  }

  async #beginning<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#begun++;
    try {
      return await work();
    } finally {
      this.#begun--;
    }
  }
}

/** What becomes of a run. */
interface Hears {
  /** It has had no Activity for a while. */
  readonly idle: () => void;
  /** It goes on without limits, because its server did not tell of them. */
  readonly unknown: () => void;
}

/** One run, which is looked at while any Activity of it is under way. */
class FollowedRun {
  readonly flow: RunFlow;
  readonly #look: () => Promise<SeenRun>;
  readonly #hears: Hears;
  #timer: NodeJS.Timeout | undefined;
  readonly #activities = new Set<FilesInTurn>();
  #idleSince = 0;
  #first: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  /** Its limits were seen; what was seen last holds on. */
  #isKnown = false;
  #onKnown: () => void = () => {};

  constructor(look: () => Promise<SeenRun>, flow: RunFlow, hears: Hears) {
    this.#look = look;
    this.flow = flow;
    this.#hears = hears;
  }

  /** Activities that have no file in hand, whatever their files wait for; of very many only some. */
  get waitingActivities(): number {
    let waiting = 0;
    for (const { areWaiting } of this.#activities) if (areWaiting) waiting++;
    return Math.min(MOST_WAITING, waiting);
  }

  async within<Result>(work: (flow: RunFlow, inTurn: InTurn) => Promise<Result>): Promise<Result> {
    const files = new FilesInTurn();
    this.#activities.add(files);
    this.#timer ??= setInterval(() => this.#tick(), LOOK_MS).unref();
    try {
      this.#first ??= this.#firstLook();
      await this.#first;
      return await work(this.flow, files.of(this.flow));
    } finally {
      this.#activities.delete(files);
      if (this.#activities.size === 0) this.#idleSince = performance.now();
    }
  }

  #tick(): void {
    this.flow.pass();
    if (this.#activities.size > 0 || performance.now() - this.#idleSince < LOOKED_AFTER_MS) {
      void this.#lookOnce();
      return;
    }
    // Whoever comes now looks first.
    this.#first = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#hears.idle();
  }

  #lookOnce(): Promise<void> {
    this.#looking ??= this.#look()
      // Also where it failed: a timetable goes on.
      .then(
        (seen) => {
          this.flow.follow(seen, Date.now());
          this.#isKnown = true;
          this.#onKnown();
        },
        () => this.flow.follow(undefined, Date.now()),
      )
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** Where nothing is known yet: the first look that succeeds. */
  async #firstLook(): Promise<void> {
    const wasKnown = this.#isKnown;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, wasKnown ? KNOWN_LOOK_MS : UNKNOWN_LOOK_MS);
      const enough = () => {
        clearTimeout(late);
        resolve();
      };
      this.#onKnown = enough;
      const looked = this.#lookOnce();
      if (wasKnown) void looked.then(enough);
    });
    if (!this.#isKnown) this.#hears.unknown();
  }
}

/** What the runs may do that this process works for: their limits, looked at while any Activity of theirs is under way. */
export class RunFlows {
  readonly #look: LookAtRun;
  readonly #onWait: () => void;
  readonly #mostAtWork: number;
  readonly #onUnknown: (workflowId: string) => void;
  readonly #byRun = new Map<string, FollowedRun>();
  /** Those that have no Activity now. */
  readonly #kept = new Map<string, FollowedRun>();

  /**
   * @param onWait a file in hand begins to wait for its turn
   * @param onUnknown a run goes on without limits, because its server did not tell of them
   * @param mostAtWork files at work in this process at once
   */
  constructor(
    look: LookAtRun,
    onWait: () => void = () => {},
    onUnknown: (workflowId: string) => void = () => {},
    mostAtWork = Number.POSITIVE_INFINITY,
  ) {
    this.#look = look;
    this.#mostAtWork = mostAtWork;
    this.#onWait = onWait;
    this.#onUnknown = onUnknown;
  }

  /** Does some work for a run, within its limits. */
  within<Result>(
    { owner, run }: Pick<RunContext, 'owner' | 'run'>,
    work: (flow: RunFlow, inTurn: InTurn) => Promise<Result>,
  ): Promise<Result> {
    const followed = this.#byRun.get(run) ?? this.#follow(run, owner.workflowId);
    return followed.within(work);
  }

  /** Files in hand that only wait for their turn. */
  get waiting(): number {
    return this.#sum(({ flow }) => flow.waiting);
  }

  /** Activities that have no file in hand: the limits of their runs, or hosts, serve no more of their files. */
  get waitingActivities(): number {
    return this.#sum(({ waitingActivities }) => waitingActivities);
  }

  #sum(count: (run: FollowedRun) => number): number {
    let sum = 0;
    for (const run of this.#byRun.values()) sum += count(run);
    return sum;
  }

  #follow(run: string, workflowId: string): FollowedRun {
    const followed = this.#kept.get(run) ?? this.#begin(run, workflowId);
    this.#kept.delete(run);
    this.#byRun.set(run, followed);
    return followed;
  }

  #begin(run: string, workflowId: string): FollowedRun {
    const followed: FollowedRun = new FollowedRun(
      () => this.#look(workflowId),
      new RunFlow(this.#onWait, this.#mostAtWork),
      {
        idle: () => {
          this.#byRun.delete(run);
          this.#kept.set(run, followed);
          const [oldest] = this.#kept.keys();
          if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
        },
        unknown: () => this.#onUnknown(workflowId),
      },
    );
    return followed;
  }
}
