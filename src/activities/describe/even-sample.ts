/** Some of a row of unknown length, evenly over all of it, in its order. */
export class EvenSample<Item> {
  readonly #most: number;
  #step = 1;
  #seen = 0;
  #kept: Item[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(item: Item): void {
    if (this.#most > 0 && this.#seen % this.#step === 0) {
      this.#kept.push(item);
      if (this.#kept.length >= 2 * this.#most) {
        this.#kept = this.#kept.filter((_, at) => at % 2 === 0);
        this.#step *= 2;
      }
    }
    this.#seen++;
  }

  get taken(): readonly Item[] {
    const all = this.#kept;
    if (all.length <= this.#most) return all;
    return Array.from(
      { length: this.#most },
      (_, at) => all[Math.floor((at * all.length) / this.#most)] as Item,
    );
  }
}
