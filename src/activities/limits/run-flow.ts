import { bytesPerSecond, noLimits, type RunLimits } from '../../domain/limits/limits.ts';
import { Serving } from '../../domain/limits/serving.ts';
import type { SourceBearing } from '../../domain/run/progress.ts';
import { Slots } from '../../domain/run/slots.ts';
import type { Flow } from '../sources/flow/flow.ts';
import { AskedHosts } from './asked-hosts.ts';
import { PacedQueue } from './paced-queue.ts';

/** Milliseconds for which a worker counts after it was seen: between two small bundles it is not. */
const COUNTED_MS = 4_000;

/** Bytes that a run may owe its limit, so that a file does not keep other runs from a host while it waits. */
const MOST_AHEAD = 64 * 1024 ** 2;

/** A run, as a look at its server shows it. */
export interface SeenRun {
  readonly limits: RunLimits;
  /** Names of the processes that fetch for it now, this one included. */
  readonly workers: readonly string[];
}

/** The files whose ways begin at one host. */
interface Way {
  readonly slots: Slots;
  readonly most: () => number;
  files: number;
  inHand: number;
}

function newWay(most: () => number): Way {
  return { slots: new Slots(most), most, files: 0, inHand: 0 };
}

/** What one run may do in this process: its share of the run's limits. */
export class RunFlow implements Flow {
  readonly hosts = new AskedHosts();
  readonly #onWait: () => void;
  readonly #mostAtWork: number;
  readonly #bytes = new PacedQueue();
  readonly #requests = new PacedQueue();
  readonly #serving = new Serving(performance.now());
  /** Files of the run that have all they need to be worked on. */
  #inHand = 0;
  #waiting = 0;
  readonly #files = new Slots(() => this.#mostFiles());
  readonly #byStart = new Map<string, Way>();
  #limits = noLimits;
  readonly #workers = new Map<string, number>();

  /**
   * @param onWait a file in hand begins to wait for its turn
   * @param mostAtWork files at work in this process at once
   */
  constructor(onWait: () => void = () => {}, mostAtWork = Number.POSITIVE_INFINITY) {
    this.#onWait = onWait;
    this.#mostAtWork = mostAtWork;
  }

  /** How many requests at once the hosts bear that were asked last, as far as files are worked on at once. */
  get bearings(): readonly SourceBearing[] {
    return this.hosts.bearings.map((host) => ({ ...host, most: Math.min(host.most, this.#mostAtWork) }));
  }

  /**
   * Works on one file when its turn has come: the hosts on its way bear it, the run may have it in hand, and `place` gives it
   * one of the process. In this order: whoever waits for the run's own sake holds no place that another run could have.
   *
   * @param start host where its way begins
   */
  async turn<Result>(
    start: string,
    signal: AbortSignal,
    place: <Placed>(work: () => Promise<Placed>) => Promise<Placed>,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const way = this.#byStart.get(start) ?? newWay(() => this.hosts.mostFrom(start));
    this.#byStart.set(start, way);
    way.files++;
    const counted = () => this.#counted(way, work);
    try {
      for (;;) {
        const turned = await way.slots.use(1, signal, () => this.#files.use(1, signal, () => place(counted)));
        if (turned !== 'not now') return turned.result;
      }
    } finally {
      way.files--;
      if (way.files === 0) this.#byStart.delete(start);
    }
  }

  /** The shares of all workers sum up to the limit. `now`: ms since the epoch, for timetables. */
  follow(seen: SeenRun | undefined, now: number): void {
    const at = performance.now();
    this.#limits = seen?.limits ?? this.#limits;
    for (const worker of seen?.workers ?? []) this.#workers.set(worker, at);
    // Who cannot look knows nothing newer.
    if (seen !== undefined)
      for (const [worker, seenAt] of this.#workers)
        if (at - seenAt > COUNTED_MS) this.#workers.delete(worker);
    const workers = Math.max(1, this.#workers.size);
    const rate = bytesPerSecond(this.#limits, now);
    const bytes = (rate === 'off' ? Number.POSITIVE_INFINITY : rate) / workers;
    const requests = (this.#limits.requests ?? Number.POSITIVE_INFINITY) / workers;
    this.#bytes.setRate(bytes);
    this.#requests.setRate(requests);
    this.#serving.expect(bytes, requests);
    this.look();
  }

  /** Time has passed, a second or so: finds out how many files the limits serve at once. */
  pass(): void {
    const used = Math.max(this.#bytes.share(), this.#requests.share());
    // What waits at a host is not served by the limits.
    const atHosts = this.#waiting - this.#serving.waiting;
    this.#serving.turn(this.#inHand - atHosts, used, performance.now());
    this.look();
  }

  /** There may be room for more than there was. */
  look(): void {
    this.#files.look();
    for (const { slots } of this.#byStart.values()) slots.look();
  }

  request(signal: AbortSignal): Promise<void> | undefined {
    return this.#withinLimits(this.#requests.take(1, signal));
  }

  bytes(count: number, signal: AbortSignal): Promise<void> | undefined {
    return this.#withinLimits(this.#bytes.take(count, signal));
  }

  ahead(count: number): boolean {
    return this.#bytes.ahead(count, MOST_AHEAD);
  }

  asks(...request: Parameters<AskedHosts['ask']>): () => void {
    const over = this.hosts.ask(...request);
    return () => {
      over();
      this.look();
    };
  }

  async waits<Result>(turn: Promise<Result>): Promise<Result> {
    this.#waiting++;
    this.#onWait();
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /** Is there a limit that files wait for? */
  get isLimited(): boolean {
    return this.#bytes.isLimited || this.#requests.isLimited;
  }

  /** Files in hand that only wait for their turn: by the run's limits, or at a host. */
  get waiting(): number {
    return this.#waiting;
  }

  /** While it waited for a place of the process, fewer may have come to be served: then it waits for that first. */
  async #counted<Result>(
    way: Way,
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result } | 'not now'> {
    if (this.#inHand >= this.#mostFiles() || way.inHand >= way.most()) return 'not now';
    this.#inHand++;
    way.inHand++;
    try {
      return { result: await work() };
    } finally {
      this.#inHand--;
      way.inHand--;
    }
  }

  #withinLimits(turn: Promise<void> | undefined): Promise<void> | undefined {
    if (turn === undefined) return undefined;
    this.#serving.begin(performance.now());
    return this.waits(turn).finally(() => this.#serving.end(performance.now()));
  }

  #mostFiles(): number {
    const served = this.isLimited ? this.#serving.most : Number.POSITIVE_INFINITY;
    return Math.min(this.#limits.files ?? Number.POSITIVE_INFINITY, served);
  }
}
