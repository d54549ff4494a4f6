/** What the time of files in hand goes to, as a worker measures it. */
export const slownessKinds = ['network', 'source', 'limit', 'disk', 'processor'] as const;
export type SlownessKind = (typeof slownessKinds)[number];

/** Milliseconds of files in hand, by what they waited for in the last seconds. */
export type Slowness = Readonly<Partial<Record<SlownessKind, number>>>;

/**
 * What slows a run down, in one word:
 *
 * - `network`: bytes, or answers, come no faster
 * - `source`: it bears no more requests at once
 * - `limit`: `--bwlimit` or `--tpslimit`
 * - `disk`, `processor`: of the workers
 * - `server`: workers wait for the Temporal server to give them something to do
 * - `waiting`: nothing can go on now: paused, a quota, a time to come, no worker
 */
export type Slowdown = SlownessKind | 'server' | 'waiting';

/** What a client sees of a run. */
export interface RunInSight {
  readonly paused: boolean;
  /** Does some worker ask for work? Undefined: not known. */
  readonly workerPolls: boolean | undefined;
  /** Waits of the run and its children: quotas, closed gates. */
  readonly waits: number;
  /** Of the Activities that some worker has in hand; undefined where one says nothing of it. */
  readonly inHand: readonly (Slowness | undefined)[];
  /** Activities between two attempts. */
  readonly retrying: number;
}

/** Undefined: too early to say. */
export function slowdownOf({
  paused,
  workerPolls,
  waits,
  inHand,
  retrying,
}: RunInSight): Slowdown | undefined {
  if (paused || workerPolls === false) return 'waiting';
  const sum = new Map<SlownessKind, number>();
  for (const slowness of inHand)
    for (const kind of slownessKinds) sum.set(kind, (sum.get(kind) ?? 0) + (slowness?.[kind] ?? 0));
  const [most] = [...sum].filter(([, ms]) => ms > 0).sort(([, one], [, other]) => other - one);
  if (most !== undefined) return most[0];
  if (inHand.length > 0) return undefined;
  return waits > 0 || retrying > 0 ? 'waiting' : 'server';
}

/**
 * Adds up what the files of one Activity wait for, over a window that moves with the time; what is still waited for counts
 * too. Without a clock of its own: times are milliseconds.
 */
export class SlownessMeter {
  readonly #windowMs: number;
  readonly #open = new Map<object, { readonly kind: SlownessKind; since: number }>();
  /** Of the window that is being measured, and of the one before. */
  #now: Partial<Record<SlownessKind, number>> = {};
  #before: Partial<Record<SlownessKind, number>> = {};
  #begunAt: number | undefined;

  constructor(windowMs = 5_000) {
    this.#windowMs = windowMs;
  }

  /** A wait begins; whoever began it calls what is answered when it is over. */
  begin(kind: SlownessKind, now: number): (now: number) => void {
    this.#turn(now);
    const wait = { kind, since: now };
    this.#open.set(wait, wait);
    return (end) => {
      if (!this.#open.delete(wait)) return;
      this.#add(kind, end - wait.since);
    };
  }

  read(now: number): Slowness {
    for (const wait of this.#open.values()) {
      this.#add(wait.kind, now - wait.since);
      wait.since = now;
    }
    this.#turn(now);
    const kinds = slownessKinds.map((kind) => [
      kind,
      Math.round((this.#now[kind] ?? 0) + (this.#before[kind] ?? 0)),
    ]);
    return Object.fromEntries(kinds.filter(([, ms]) => ms !== 0));
  }

  #add(kind: SlownessKind, ms: number): void {
    if (ms > 0) this.#now[kind] = (this.#now[kind] ?? 0) + ms;
  }

  #turn(now: number): void {
    this.#begunAt ??= now;
    if (now - this.#begunAt < this.#windowMs) return;
    this.#before = this.#now;
    this.#now = {};
    this.#begunAt = now;
  }
}
