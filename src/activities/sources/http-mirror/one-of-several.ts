import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { bytesNameOf, type MirrorBook } from '../../../domain/mirrors/mirror-book.ts';
import { faultOf, type Refusal, refusedByAll } from '../../../domain/mirrors/refusals.ts';
import { type Judged, type OpenedFile, type Source, SourceBodyError } from '../contract/source.ts';
import { type OpenResult, wantedRange } from '../http/file-body.ts';

/** One of the places where a file may be. */
export interface Place {
  /** What tells it from others, in every source of this process. */
  readonly id: string;
  readonly host: string;
  /** Undefined: it has no place for this file. */
  open(...asked: Parameters<Source['open']>): ReturnType<Source['open']> | undefined;
}

type Range = Parameters<Source['open']>[1];

/** What broke a body may have spoilt what came before, or is no matter of who sends it. */
const ENDS_IT: ReadonlySet<SourceFailure['reason']> = new Set(['oversized-body', 'host-not-allowed']);

/**
 * Asks one place after the other for a file, each at most once, in the order that the book says; and where one breaks off,
 * the next one goes on there. That is no retry: nobody is asked for the same thing again.
 */
export class OneOfSeveral {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #book: MirrorBook;

  constructor(places: readonly Place[], book: MirrorBook) {
    this.#places = new Map(places.map((place) => [place.id, place]));
    this.#book = book;
  }

  async open(file: FileSpec, range: Range, signal: AbortSignal): Promise<OpenResult> {
    signal.throwIfAborted();
    // What no place can answer is none's fault.
    const wanted = wantedRange(file, range);
    if ('reason' in wanted) return { status: 'failed', failure: wanted };
    const order = this.#book.order(
      [...this.#places.keys()],
      bytesNameOf(file),
      performance.now(),
      range.offset > 0,
    );
    return this.#askOne(order.values(), [], file, range, signal);
  }

  judged(file: FileSpec, verdict: 'right' | 'wrong'): Judged {
    const name = bytesNameOf(file);
    const ids = [...this.#places.keys()];
    if (verdict === 'right') {
      this.#book.right(name, performance.now());
      return { hasAnother: false, said: '' };
    }
    const hasAnother = this.#book.wrong(name, ids, performance.now());
    const said = ids.length === 1 ? '' : this.#book.said(name, ids, (id) => this.#places.get(id)?.host ?? '');
    return { hasAnother, said };
  }

  /** @param refusals of those that were asked before; grows */
  async #askOne(
    left: Iterator<string>,
    refusals: Refusal[],
    file: FileSpec,
    range: Range,
    signal: AbortSignal,
  ): Promise<OpenResult> {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const place = this.#places.get(next.value);
      const opened = await place?.open(file, range, signal);
      if (place === undefined || opened === undefined) continue;
      if (opened.status === 'opened') {
        this.#book.gives(place.id, bytesNameOf(file), { offset: range.offset, from: opened.from });
        return { ...opened, body: this.#body(place, opened, left, refusals, file, range, signal) };
      }
      refusals.push(this.#refused(place, file, opened.failure));
    }
    return { status: 'failed', failure: refusedByAll(file.path, refusals) };
  }

  #refused({ id, host }: Place, file: FileSpec, failure: SourceFailure): Refusal {
    this.#book.failed(id, bytesNameOf(file), faultOf(failure.reason), failure.reason, performance.now());
    return { mirror: host, failure };
  }

  async *#body(
    place: Place,
    { from, body }: OpenedFile,
    left: Iterator<string>,
    refusals: Refusal[],
    file: FileSpec,
    range: Range,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const begunAt = performance.now();
    let at = from;
    try {
      for await (const piece of body) {
        at += piece.length;
        yield piece;
      }
      this.#book.came(place.id, at - from, performance.now() - begunAt);
      return;
    } catch (error) {
      if (!(error instanceof SourceBodyError)) throw error;
      refusals.push(this.#refused(place, file, error.failure));
      // Of a text without a digest the rest could be another text's.
      if (ENDS_IT.has(error.failure.reason) || file.md5 === undefined) throw error;
    }
    const rest = { ...range, offset: at };
    const opened = await this.#askOne(left, refusals, file, rest, signal);
    if (opened.status === 'failed') throw new SourceBodyError(opened.failure);
    yield* without(opened.body, at - opened.from);
  }
}

/** Where the next one cannot begin in the middle, what came before passes by. */
async function* without(body: AsyncIterable<Uint8Array>, known: number): AsyncGenerator<Uint8Array> {
  let toCome = known;
  for await (const piece of body) {
    const bytes = piece.subarray(Math.min(toCome, piece.length));
    toCome -= piece.length - bytes.length;
    if (bytes.length > 0) yield bytes;
  }
}
