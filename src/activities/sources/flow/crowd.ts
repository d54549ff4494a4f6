import { Bearing } from '../../../domain/limits/bearing.ts';
import { WaitingLine } from '../../../domain/limits/waiting-line.ts';

/** One request's place among those that a host bears at once. */
export interface Place {
  /** It is over. May be called again. */
  leave(how: 'fine' | 'otherwise'): void;
  /** Does somebody else wait for one? */
  readonly isWanted: boolean;
  /** The host said that it is asked too much. Answers for how many milliseconds it is to rest: 0 where fewer at once may do. */
  refused(): number;
}

/** The requests of this process that one host has at a time: as many as it bears, the others in turn. */
export class Crowd {
  readonly #bearing: Bearing;
  readonly #now: () => number;
  readonly #line = new WaitingLine<unknown>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds of a steady clock */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#bearing = new Bearing(most);
    this.#now = now;
  }

  get bearing(): Pick<Bearing, 'most' | 'inFlight' | 'isHeld'> {
    return this.#bearing;
  }

  /** Does nobody ask it, nor wait to? */
  get isEmpty(): boolean {
    return this.#bearing.inFlight === 0 && this.#line.length === 0;
  }

  /** A place for somebody, as soon as there is one; rejects with the signal's reason. */
  enter(somebody: unknown, signal: AbortSignal): Promise<Place> | Place {
    signal.throwIfAborted();
    if (this.#line.length === 0 && this.#bearing.begin(this.#now()) === 0) return this.#place(somebody);
    const turn = this.#line.join(somebody, signal).then(() => this.#place(somebody));
    this.#startWaiting();
    return turn;
  }

  #place(somebody: unknown): Place {
    const begunAt = this.#now();
    const line = this.#line;
    let isOver = false;
    return {
      get isWanted() {
        return line.some((other) => other !== somebody);
      },
      leave: (how) => {
        if (isOver) return;
        isOver = true;
        this.#bearing.end();
        if (how === 'fine') this.#bearing.fine(this.#now());
        this.#startWaiting();
      },
      refused: () => this.#bearing.refused(begunAt, this.#now()),
    };
  }

  #startWaiting(): void {
    while (this.#line.length > 0) {
      const wait = this.#bearing.begin(this.#now());
      if (wait > 0) {
        // Whoever leaves starts the next one; only a pause must be waited for.
        if (Number.isFinite(wait)) this.#lookAgain(wait);
        return;
      }
      this.#line.startFirst();
    }
  }

  #lookAgain(waitMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#startWaiting();
    }, Math.ceil(waitMs));
  }
}

/** Hosts that are remembered; those that nobody asks are forgotten first. */
const MOST_HOSTS = 100;

/** The crowds of a process, by host. */
export class Crowds {
  readonly #most: number;
  readonly #byHost = new Map<string, Crowd>();

  /** @param most requests of one host at once, whatever it bears */
  constructor(most: number) {
    this.#most = most;
  }

  of(host: string): Crowd {
    const known = this.#byHost.get(host);
    if (known !== undefined) return known;
    if (this.#byHost.size >= MOST_HOSTS)
      for (const [other, crowd] of this.#byHost) if (crowd.isEmpty) this.#byHost.delete(other);
    const crowd = new Crowd(this.#most);
    this.#byHost.set(host, crowd);
    return crowd;
  }
}
