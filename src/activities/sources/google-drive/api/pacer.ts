import { setTimeout as delay } from 'node:timers/promises';
import type { GoogleQuota } from '../../../../domain/flow/google-quota.ts';
import { TokenBucket } from '../../../../domain/flow/pacing.ts';

/** As rclone paces Drive: one request in 100 ms, and a hundred at once after a rest. */
const PER_SECOND = 10;
const BURST = 100;

/** Whoever would wait longer (ms) gives its place up: Temporal holds that wait. */
const LONGEST_WAIT_MS = 10_000;

/** How fast one worker process asks Google's API. */
export class Pacer {
  readonly #buckets: readonly TokenBucket[];

  constructor({ requestsPerMinute }: GoogleQuota) {
    const perSecond = requestsPerMinute / 60;
    this.#buckets = [
      new TokenBucket(PER_SECOND, BURST),
      // A second's worth at once, so that no minute has more than the quota and that.
      new TokenBucket(perSecond, Math.max(1, perSecond)),
    ];
  }

  /** Waits for this request's turn; answers the milliseconds for which there is none, where that is too long to wait here. */
  async turn(signal: AbortSignal): Promise<number | undefined> {
    const now = performance.now();
    const wait = Math.max(...this.#buckets.map((bucket) => bucket.waitMs(now)));
    if (wait > LONGEST_WAIT_MS) return wait;
    for (const bucket of this.#buckets) bucket.take(now);
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
    return undefined;
  }
}
