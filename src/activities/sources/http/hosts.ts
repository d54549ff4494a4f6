import { endOfWait } from '../../../domain/failure/noted-wait.ts';
import type { HostRest, SourceFailure } from '../../../domain/failure/source-failure.ts';

/** Milliseconds for which a host that could not be reached is taken for unreachable without another look. */
const LOOK_AGAIN_MS = 900;

interface Seen {
  /** Of its last answer, whatever it was. */
  answeredAt?: number;
  /** When it was first not reached since its last answer. */
  downSince?: number;
  lastFailure?: { readonly at: number; readonly failure: SourceFailure };
  rest?: HostRest & { readonly since: number };
}

/**
 * What this process has seen of the hosts that it asks, and by that what one that cannot be reached is. A fault belongs to
 * its host:
 *
 * - `host-down`: it could not be reached, some other host has answered since, and it could not be reached again. The
 *   network works; its files are tried as often as any, and given up then.
 * - `network-down`: it could not be reached and, as far as this process knows, nothing else can. That is no file's fault,
 *   and is waited for. So is the first failure of any host, because nobody else was asked since; and a name that does
 *   not exist, where it is the only one asked for: that may be a name server, or a mirror's name that was mistyped.
 *
 * Other hosts must have answered when last asked: what answered before the line was cut proves nothing. A process that
 * has just started has seen nothing, and waits.
 *
 * A host that named a wait (Retry-After) rests: nobody in this process asks it before that.
 */
export class Hosts {
  readonly #seen = new Map<string, Seen>();
  readonly #now: () => number;

  /** @param now milliseconds of the system's clock, by which a server names dates */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Why a host need not be asked just now: it rests, or was not reached a moment ago. Undefined: ask it. */
  refusal(host: string): SourceFailure | undefined {
    const seen = this.#seen.get(host);
    if (seen === undefined) return undefined;
    const now = this.#now();
    // A clock that was set back must not prolong it.
    if (seen.rest !== undefined && now >= seen.rest.since && now < seen.rest.until) {
      const { reason, detail, until } = seen.rest;
      return { reason, detail, retryAfterMs: until - now, host };
    }
    const last = seen.lastFailure;
    return last !== undefined && now >= last.at && now - last.at < LOOK_AGAIN_MS ? last.failure : undefined;
  }

  /** It answered, with whatever status. */
  answered(host: string): void {
    const seen = this.#of(host);
    seen.answeredAt = this.#now();
    delete seen.downSince;
    delete seen.lastFailure;
  }

  /**
   * It could not be reached by a request that was begun at `begunAt`; answers the failure with the reason that this is.
   * `isOfAll`: whoever answers elsewhere, there is nothing to go on with without it: the proxy on the way there, or a
   * mirror's own host.
   */
  unreached(host: string, begunAt: number, failure: SourceFailure, isOfAll = false): SourceFailure {
    const seen = this.#of(host);
    const reason = isOfAll ? 'network-down' : this.#reasonOf(host, seen, begunAt);
    const judged = { ...failure, reason, host } as const;
    seen.lastFailure = { at: this.#now(), failure: judged };
    return judged;
  }

  /** It asked for a rest, this process or another one, whose clock may be hours off. */
  rest(host: string, rest: HostRest): void {
    const seen = this.#of(host);
    const since = this.#now();
    const until = endOfWait(rest, since);
    if (until > (seen.rest?.until ?? 0)) seen.rest = { ...rest, until, since };
  }

  #reasonOf(host: string, seen: Seen, begunAt: number): 'host-down' | 'network-down' {
    // What was under way when it was first not reached only says the same once more.
    const isNews = seen.downSince === undefined || begunAt < seen.downSince;
    seen.downSince ??= this.#now();
    return !isNews && this.#othersAnsweredSince(host, seen.downSince) ? 'host-down' : 'network-down';
  }

  #othersAnsweredSince(host: string, since: number): boolean {
    return [...this.#seen].some(
      ([other, { answeredAt, downSince }]) =>
        other !== host && downSince === undefined && answeredAt !== undefined && answeredAt >= since,
    );
  }

  #of(host: string): Seen {
    const seen = this.#seen.get(host) ?? {};
    this.#seen.set(host, seen);
    return seen;
  }
}
