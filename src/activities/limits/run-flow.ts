import { bytesPerSecond, noLimits, type RunLimits } from '../../domain/limits/limits.ts';
import type { SourceBearing } from '../../domain/run/progress.ts';
import { Slots } from '../../domain/run/slots.ts';
import type { Crowd } from '../sources/flow/crowd.ts';
import type { Flow } from '../sources/flow/flow.ts';
import { PacedQueue } from './paced-queue.ts';

/** Hosts of a run that are told of. */
const SHOWN_HOSTS = 4;

/** Files that may wait in front of a host which bears no more: so few that those of other runs find room. */
const IN_FRONT = 2;

/** A run, as a look at its server shows it. */
export interface SeenRun {
  readonly limits: RunLimits;
  /** Processes that fetch for it now, this one included. */
  readonly workers: number;
}

/** What one run may do in this process: its share of the run's limits. */
export class RunFlow implements Flow {
  /** Files of the run in hand. Taken before those of the process, so that whoever waits here holds up no other run. */
  readonly files: Slots;
  readonly #bytes = new PacedQueue();
  readonly #requests = new PacedQueue();
  readonly #crowds = new Map<string, Crowd>();
  #seen: SeenRun = { limits: noLimits, workers: 1 };

  constructor() {
    this.files = new Slots(() => this.#mostFiles());
  }

  /** The shares of all workers sum up to the limit. `now`: ms since the epoch, for timetables. */
  follow(seen: SeenRun | undefined, now: number): void {
    this.#seen = seen ?? this.#seen;
    const { limits, workers } = this.#seen;
    const rate = bytesPerSecond(limits, now);
    this.#bytes.setRate(rate === 'off' ? Number.POSITIVE_INFINITY : rate / workers);
    this.#requests.setRate((limits.requests ?? Number.POSITIVE_INFINITY) / workers);
    this.files.look();
  }

  request(signal: AbortSignal): Promise<void> | undefined {
    return this.#requests.take(1, signal);
  }

  bytes(count: number, signal: AbortSignal): Promise<void> | undefined {
    return this.#bytes.take(count, signal);
  }

  asks(host: string, crowd: Crowd): void {
    this.#crowds.delete(host);
    this.#crowds.set(host, crowd);
    const [oldest] = this.#crowds.keys();
    if (this.#crowds.size > SHOWN_HOSTS && oldest !== undefined) this.#crowds.delete(oldest);
  }

  /** How many requests at once the hosts bear that the run asked last. */
  get bearings(): readonly SourceBearing[] {
    return [...this.#crowds].map(([host, { bearing }]) => ({
      host,
      inFlight: bearing.inFlight,
      most: bearing.most,
    }));
  }

  #mostFiles(): number {
    const held = [...this.#crowds.values()].filter(({ bearing }) => bearing.isHeld);
    const borne = held.map(({ bearing }) => bearing.most + IN_FRONT);
    return Math.max(1, Math.min(this.#seen.limits.files ?? Number.POSITIVE_INFINITY, ...borne));
  }
}
