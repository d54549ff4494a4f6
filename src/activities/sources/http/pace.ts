/** Bytes a second below which a body is looked at more closely, while this process's others come ten times as fast. */
const SLOW = 1024;
const TIMES_SLOWER = 10;

/** Bytes a second of all bodies together below which there is no line to speak of. */
const NO_LINE = 100;

/** Milliseconds of waiting for bytes after which a body is judged. */
const JUDGED_AFTER = 60_000;

/**
 * Ends bodies that hold their place for next to nothing, and never one that merely shares a slow line: whether a body is
 * slow is told by what the others of this process get meanwhile.
 *
 * Over a minute of waiting for its bytes, a body is too slow when it brought less than 1 KiB a second, and either ten
 * times less than this process's bodies bring on average, or all of them together brought less than 100 bytes a second.
 * So 32 files at 600 bytes a second, which is all that a telephone line gives, go on for as long as they take; one file
 * that drips while the others flow, or that drips alone, ends.
 *
 * Only waiting counts: what a slow disk holds back is not the line's.
 */
export class Line {
  readonly #judgedAfter: number;
  readonly #now: () => number;
  #bytes = 0;
  /** Milliseconds for which bodies were waited for, summed over all of them. */
  #waited = 0;

  constructor(judgedAfter = JUDGED_AFTER, now: () => number = () => performance.now()) {
    this.#judgedAfter = judgedAfter;
    this.#now = now;
  }

  /** The measure of one body. Answers, of each piece that came, whether the body has become too slow. */
  body(): { waiting(): void; came(bytes: number): boolean } {
    let waitingSince: number | undefined;
    let own = { bytes: 0, waited: 0 };
    let before = { bytes: this.#bytes, waited: this.#waited };
    return {
      waiting: () => {
        waitingSince ??= this.#now();
      },
      came: (bytes) => {
        const waited = waitingSince === undefined ? 0 : this.#now() - waitingSince;
        waitingSince = undefined;
        this.#bytes += bytes;
        this.#waited += waited;
        own.bytes += bytes;
        own.waited += waited;
        if (own.waited < this.#judgedAfter) return false;
        const all = { bytes: this.#bytes - before.bytes, waited: this.#waited - before.waited };
        const isSlow = isTooSlow(own, all);
        own = { bytes: 0, waited: 0 };
        before = { bytes: this.#bytes, waited: this.#waited };
        return isSlow;
      },
    };
  }
}

interface Brought {
  readonly bytes: number;
  /** Milliseconds. */
  readonly waited: number;
}

function isTooSlow(own: Brought, all: Brought): boolean {
  const pace = perSecond(own.bytes, own.waited);
  if (pace >= SLOW) return false;
  return pace * TIMES_SLOWER < perSecond(all.bytes, all.waited) || perSecond(all.bytes, own.waited) < NO_LINE;
}

function perSecond(bytes: number, milliseconds: number): number {
  return (bytes * 1000) / milliseconds;
}
