/** A body, read by lengths. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** So many bytes, or fewer at the body's end; a view where one piece holds them all. */
  async take(bytes: number): Promise<Uint8Array> {
    if (bytes <= this.#rest.length) {
      const view = this.#rest.subarray(0, bytes);
      this.#rest = this.#rest.subarray(bytes);
      return view;
    }
    const taken = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for await (const piece of this.pieces(bytes)) {
      taken.set(piece, at);
      at += piece.length;
    }
    return taken.subarray(0, at);
  }

  /** The same without a copy: views of the pieces, which hold those in memory. */
  async takeViews(bytes: number): Promise<readonly Uint8Array[]> {
    const views: Uint8Array[] = [];
    for await (const piece of this.pieces(bytes)) views.push(piece);
    return views;
  }

  async skip(bytes: number): Promise<void> {
    for await (const _ of this.pieces(bytes));
  }

  async *pieces(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done === true) return;
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Reads what is left of a body that is known to be short. */
  async drain(): Promise<void> {
    while ((await this.#pieces.next()).done !== true);
  }

  async leave(): Promise<void> {
    await this.#pieces.return?.();
  }
}
