/** What a server says of its fixed window: so many requests are left, and it ends in so many seconds. */
export interface WindowSaid {
  readonly left: number;
  readonly seconds: number;
}

/** No window is longer; a server that says more is mistaken or hostile. */
const MOST_SECONDS = 24 * 3600;

/** Seconds are whole ones, and it is not said whether they were rounded up. */
const ROUNDED_MS = 1_000;

/**
 * Reads `RateLimit: "resolvers";r=2999;t=297`, where the header says it of this bucket or of a single one. Undefined: it
 * says nothing that can be obeyed.
 */
export function readRateLimit(header: string | undefined, bucket: string): WindowSaid | undefined {
  const items = (header ?? '').slice(0, 1_000).split(',');
  const item =
    items.find((text) => text.trim().startsWith(`"${bucket}"`)) ?? (items.length === 1 ? items[0] : '');
  const [, left] = /;\s*r=(\d{1,9})\s*(?:;|$)/.exec(item ?? '') ?? [];
  const [, seconds] = /;\s*t=(\d{1,9})\s*(?:;|$)/.exec(item ?? '') ?? [];
  if (left === undefined || seconds === undefined) return undefined;
  return { left: Number(left), seconds: Math.min(Number(seconds), MOST_SECONDS) };
}

/**
 * How many requests a server still answers in its window, as its answers tell, counting those under way: of them nobody
 * knows whether the last answer has them in it, so each is held to be still to count. As long as nobody else asks on the same
 * account, none is begun that would be refused. Times are milliseconds of one clock.
 */
export class RateWindow {
  #left = Number.POSITIVE_INFINITY;
  /** Between these the window ends, as is known so far. */
  #endsFrom = Number.NEGATIVE_INFINITY;
  #endsAt = Number.NEGATIVE_INFINITY;
  #underWay = 0;

  /** Milliseconds until another request may begin; 0: it may, and has begun, until {@link answered} or {@link over}. */
  begin(now: number): number {
    // What the next window holds is not known before its first answer.
    if (now >= this.#endsAt) this.#left = Number.POSITIVE_INFINITY;
    if (this.#left - this.#underWay <= 0) return Math.max(1, this.#endsAt - now);
    this.#underWay++;
    return 0;
  }

  /** A request that had begun at `begunAt` was answered, and the answer said this. */
  answered(said: WindowSaid | undefined, begunAt: number, now: number): void {
    this.over();
    if (said === undefined) return;
    // The server wrote it at some time between, in whole seconds: so its window ends between these two.
    const from = begunAt + said.seconds * 1000 - ROUNDED_MS;
    const to = now + said.seconds * 1000 + ROUNDED_MS;
    if (to < this.#endsFrom) return;
    if (from > this.#endsAt || begunAt >= this.#endsAt) {
      this.#left = said.left;
      this.#endsFrom = from;
      this.#endsAt = to;
      return;
    }
    // Within one window less and less is left, in whichever order the answers come.
    this.#left = Math.min(this.#left, said.left);
    this.#endsFrom = Math.max(this.#endsFrom, from);
    this.#endsAt = Math.min(this.#endsAt, to);
  }

  /** A request that had begun has no answer, or one that says nothing. */
  over(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
  }
}

/** Servers that are remembered. */
const MOST_SERVERS = 100;

/** The windows of a process, by server. */
export class RateWindows {
  readonly #byServer = new Map<string, RateWindow>();

  of(server: string): RateWindow {
    const window = this.#byServer.get(server) ?? new RateWindow();
    const [oldest] = this.#byServer.size >= MOST_SERVERS ? this.#byServer.keys() : [];
    if (oldest !== undefined && oldest !== server) this.#byServer.delete(oldest);
    this.#byServer.set(server, window);
    return window;
  }
}
