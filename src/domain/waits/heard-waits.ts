/**
 * What children told of their waits, by who told it: whoever reaches the server may send again what a child once said, in its
 * own signed words. Each child numbers what it says by its clock, and only what is newer than its last word is heard.
 */
export class HeardWaits {
  readonly #since: number;
  readonly #heard = new Map<string, number>();

  /** @param since when this Run began (ms since the epoch): its children of before are closed */
  constructor(since: number) {
    this.#since = since;
  }

  /** Notes it as heard. */
  isNews(child: string, at: number): boolean {
    if (at <= (this.#heard.get(child) ?? this.#since)) return false;
    this.#heard.set(child, at);
    return true;
  }
}
