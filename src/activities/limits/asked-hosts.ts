import type { SourceBearing } from '../../domain/run/progress.ts';
import type { Crowd } from '../sources/flow/crowd.ts';

/** Hosts of a run that are told of. */
const SHOWN_HOSTS = 4;

/** Files that may wait in front of a host which bears no more: so few that those of other runs find room. */
const IN_FRONT = 2;

/** Hosts where ways begin, and hosts on each of them: with more, those that nobody asks are forgotten. */
const MOST_WAYS = 100;

/** Milliseconds for which a host counts after the last request: between two files nobody asks it. */
const LATELY_MS = 2_000;

interface Host {
  readonly crowd: Crowd;
  /** Requests that are there, or wait to begin. */
  asked: number;
  /** When the last one was over. */
  at: number;
}

/** The hosts of ways that begin at the same one. */
type Way = Map<string, Host>;

/** The hosts that one run asks now, by where the ways of its files begin. */
export class AskedHosts {
  readonly #now: () => number;
  /** By the host where they begin. */
  readonly #ways = new Map<string, Way>();
  /** Those asked last. */
  readonly #shown = new Map<string, Crowd>();

  /** @param now milliseconds of a steady clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * A request to this host begins, or waits to; what is answered says that it is over, and may be called again.
   *
   * @param shown what people may read of the host
   */
  ask(host: string, crowd: Crowd, start: string, shown = host): () => void {
    this.#show(shown, crowd);
    const way = this.#wayFrom(start);
    if (way.size >= MOST_WAYS) forgotten(way);
    const there = way.get(host) ?? { crowd, asked: 0, at: 0 };
    way.set(host, there);
    there.asked++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      there.asked--;
      there.at = this.#now();
    };
  }

  /**
   * How many files may be in hand whose ways begin at this host: those that each host on the way bears, as far as they are
   * asked. Of a start that is not known, such as a file's own URL where a mirror is asked in its place, all hosts count that
   * are asked at this moment.
   */
  mostFrom(start: string): number {
    const way = this.#ways.get(start);
    const asked = way === undefined ? this.#askedNow() : this.#askedLately(way);
    const borne = asked.filter(({ bearing }) => bearing.isHeld).map(({ bearing }) => bearing.most + IN_FRONT);
    return Math.min(Number.POSITIVE_INFINITY, ...borne);
  }

  /** How many requests at once the hosts bear that were asked last. */
  get bearings(): readonly SourceBearing[] {
    return [...this.#shown].map(([host, { bearing }]) => ({
      host,
      inFlight: bearing.inFlight,
      most: bearing.most,
    }));
  }

  #askedNow(): readonly Crowd[] {
    const hosts = [...this.#ways.values()].flatMap((way) => [...way.values()]);
    return hosts.filter(({ asked }) => asked > 0).map(({ crowd }) => crowd);
  }

  #askedLately(way: Way): readonly Crowd[] {
    const since = this.#now() - LATELY_MS;
    for (const [host, { asked, at }] of way) if (asked === 0 && at < since) way.delete(host);
    return [...way.values()].map(({ crowd }) => crowd);
  }

  #show(host: string, crowd: Crowd): void {
    this.#shown.delete(host);
    this.#shown.set(host, crowd);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > SHOWN_HOSTS && oldest !== undefined) this.#shown.delete(oldest);
  }

  #wayFrom(start: string): Way {
    const known = this.#ways.get(start);
    if (known !== undefined) return known;
    if (this.#ways.size >= MOST_WAYS)
      for (const [other, way] of this.#ways) if (forgotten(way).size === 0) this.#ways.delete(other);
    const way: Way = new Map();
    this.#ways.set(start, way);
    return way;
  }
}

/** The same without the hosts that nobody asks. */
function forgotten(way: Way): Way {
  for (const [host, { asked }] of way) if (asked === 0) way.delete(host);
  return way;
}
