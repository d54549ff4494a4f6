/** Of the limit, or of the time in which somebody waits for it: what counts as all of it. */
const ALL = 0.95;

/** What one file in hand is taken to use of a limit until that is known: bytes and requests a second. */
const BYTES_OF_ONE = 512 * 1024;
const REQUESTS_OF_ONE = 4;

/**
 * How many files of a run with a limit are in hand: as many as use the limit up, so that one always waits for it. More would
 * go no faster; they would only hold places that another run could have. Without a clock of its own: times are milliseconds.
 *
 * Where the limit is not used up: as many as would use it at the same pace. Where several wait: all but a few of those less,
 * at the least half of what there were, because not every second is like the one before. Only files that have not begun are
 * held back: those in hand come at the pace of the limit.
 */
export class Serving {
  #most = 1;
  #expected = Number.POSITIVE_INFINITY;
  /** Was the limit another one before this turn? */
  #isNew = false;
  /** Files that wait for the limit now, and since the last turn: files x milliseconds. */
  #waiting = 0;
  #waited = 0;
  /** Milliseconds since the last turn in which one waited. */
  #busy = 0;
  #at: number;
  #turnedAt: number;

  constructor(now: number) {
    this.#at = now;
    this.#turnedAt = now;
  }

  /** Files in hand at once. */
  get most(): number {
    return this.#most;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * The limit is so many bytes and requests a second, Infinity: none. With more than before there are as many files as it may
   * serve, with less as many fewer as it is less.
   */
  expect(bytes: number, requests: number): void {
    const expected = Math.min(bytes / BYTES_OF_ONE, requests / REQUESTS_OF_ONE);
    const before = this.#expected;
    this.#expected = expected;
    if (expected === before) return;
    this.#isNew = true;
    if (expected === Number.POSITIVE_INFINITY) return;
    const atLeast = Math.max(1, Math.floor(expected));
    if (before === Number.POSITIVE_INFINITY) this.#most = atLeast;
    else if (expected > before) this.#most = Math.max(this.#most, atLeast);
    else this.#most = Math.ceil((this.#most * expected) / before);
  }

  /** A file begins to wait for the limit. */
  begin(now: number): void {
    this.#pass(now);
    this.#waiting++;
  }

  /** It waits no more. */
  end(now: number): void {
    this.#pass(now);
    this.#waiting--;
  }

  /**
   * Looks at the time since the last turn.
   *
   * @param used the share of the limit that was used
   */
  turn(inHand: number, used: number, now: number): void {
    this.#pass(now);
    const passed = now - this.#turnedAt;
    if (passed <= 0) return;
    const waited = this.#waited / passed;
    const isAll = used >= ALL || this.#busy / passed >= ALL;
    this.#turnedAt = now;
    this.#waited = 0;
    this.#busy = 0;
    if (this.#isNew) {
      this.#isNew = false;
      return;
    }
    if (!isAll) {
      // Of files of which nothing has come yet nothing is known.
      const upTo = used > 0 ? 4 * inHand : 2 * inHand;
      if (inHand >= this.#most) this.#most = Math.max(inHand + 1, Math.min(upTo, Math.ceil(inHand / used)));
      return;
    }
    // Of files that do little else than wait, one is enough; of others some more, because now and then none of them waits.
    const wanted = inHand - waited < 0.25 ? 1 : 3;
    const idle = Math.floor(waited + 1 - ALL) - wanted;
    if (idle > 0) this.#most = Math.min(this.#most, Math.max(1, Math.floor(this.#most / 2), inHand - idle));
  }

  #pass(now: number): void {
    const passed = now - this.#at;
    this.#waited += this.#waiting * passed;
    if (this.#waiting > 0) this.#busy += passed;
    this.#at = now;
  }
}
