import { endOfWait } from '../../../domain/failure/noted-wait.ts';
import type { HostRest, SourceFailure } from '../../../domain/failure/source-failure.ts';
import { ShownSecrets } from '../../../domain/network/shown-secrets.ts';

/** Milliseconds for which a host that could not be reached is taken for unreachable without another look. */
const LOOK_AGAIN_MS = 900;

/** Hosts of which something is known, and those that answered last: a manifest may name one for each of its files. */
const MOST_HOSTS = 1_000;
const MOST_ANSWERED = 100;

/** What keeps a host from being asked; nothing is noted of others. */
interface Seen {
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
  /** What was noted last stands last. */
  readonly #seen = new Map<string, Seen>();
  /** When those that answered last did so, whatever it was; none that was not reached since. */
  readonly #answeredAt = new Map<string, number>();
  readonly #secrets: ShownSecrets;
  readonly #now: () => number;

  /**
   * @param now milliseconds of the system's clock, by which a server names dates
   * @param secrets taken out of what is kept
   */
  constructor(now: () => number = Date.now, secrets = new ShownSecrets()) {
    this.#now = now;
    this.#secrets = secrets;
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
    this.#answeredAt.delete(host);
    this.#answeredAt.set(host, this.#now());
    const [longestAgo] = this.#answeredAt.size > MOST_ANSWERED ? this.#answeredAt.keys() : [];
    if (longestAgo !== undefined) this.#answeredAt.delete(longestAgo);
    const seen = this.#seen.get(host);
    if (seen === undefined) return;
    delete seen.downSince;
    delete seen.lastFailure;
    if (seen.rest === undefined) this.#seen.delete(host);
  }

  /**
   * It could not be reached by a request that was begun at `begunAt`; answers the failure with the reason that this is.
   * `isOfAll`: whoever answers elsewhere, there is nothing to go on with without it: the proxy on the way there, or a
   * mirror's own host.
   */
  unreached(host: string, begunAt: number, failure: SourceFailure, isOfAll = false): SourceFailure {
    const seen = this.#of(host);
    const reason = isOfAll ? 'network-down' : this.#reasonOf(host, seen, begunAt);
    const judged = { ...failure, detail: this.#secrets.hide(failure.detail), reason, host } as const;
    seen.lastFailure = { at: this.#now(), failure: judged };
    return judged;
  }

  /** It asked for a rest, this process or another one, whose clock may be hours off. */
  rest(host: string, rest: HostRest): void {
    const seen = this.#of(host);
    const since = this.#now();
    const until = endOfWait(rest, since);
    if (until > (seen.rest?.until ?? 0))
      seen.rest = { ...rest, detail: this.#secrets.hide(rest.detail), until, since };
  }

  #reasonOf(host: string, seen: Seen, begunAt: number): 'host-down' | 'network-down' {
    // What was under way when it was first not reached only says the same once more.
    const isNews = seen.downSince === undefined || begunAt < seen.downSince;
    seen.downSince ??= this.#now();
    this.#answeredAt.delete(host);
    return !isNews && this.#othersAnsweredSince(host, seen.downSince) ? 'host-down' : 'network-down';
  }

  #othersAnsweredSince(host: string, since: number): boolean {
    return [...this.#answeredAt].some(([other, at]) => other !== host && at >= since);
  }

  #of(host: string): Seen {
    const seen = this.#seen.get(host) ?? {};
    this.#seen.delete(host);
    this.#makeRoom();
    this.#seen.set(host, seen);
    return seen;
  }

  /** The oldest goes that does not rest; where all do, the oldest. */
  #makeRoom(): void {
    if (this.#seen.size < MOST_HOSTS) return;
    const now = this.#now();
    let [oldest = ''] = this.#seen.keys();
    for (const [host, { rest }] of this.#seen) {
      if (rest !== undefined && now < rest.until) continue;
      oldest = host;
      break;
    }
    this.#seen.delete(oldest);
  }
}
