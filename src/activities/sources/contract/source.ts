import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../domain/failure/source-failure.ts';

/**
 * Where bytes come from: the acting half of a source. A source is a folder beside this one (`request.ts`, `open.ts`) and
 * a line in `../index.ts`, and passes `test/activities/sources/source-contract.ts`.
 *
 * The law:
 * - A source never retries (a link that has gone stale is walked to anew, twice at most), never waits for longer than its
 *   timeouts, never writes to the disk and never judges the content: size and digests are the caller's.
 * - What went wrong is returned as data, never thrown. Only the caller's own abort is thrown.
 * - Nothing but the configured hosts is contacted, whatever the file's URL or a redirect says.
 */
export interface Source {
  readonly name: string;

  /**
   * Asks for the bytes `[offset, end)` of a file; without `end`, up to its end.
   *
   * - Answers `opened` with `from`, the position of the body's first byte: `offset`, or 0 when the source cannot
   *   give a part. Never anything else: a 206 for another range is a failure.
   * - An `offset` other than 0 at or behind the file's end, where the spec's size is known, is a `range-mismatch`.
   * - The body yields no byte at or behind `end` (or the spec's size), and fails with `oversized-body` when the source
   *   has more than it should. A source that cannot give a part gives the whole file, behind `end` too: asking for the
   *   rest would bring everything again. Whoever does not want it leaves the loop.
   * - A source that announces another size than the spec's fails at once, with `oversized-body` or `short-body`.
   */
  open(
    file: FileSpec,
    range: { readonly offset: number; readonly end?: number },
    signal: AbortSignal,
  ): Promise<OpenedFile | { readonly status: 'failed'; readonly failure: SourceFailure }>;

  /**
   * Hears what the caller found the bytes of a file to be. A source with more than one place for it learns from that.
   *
   * @default it has one place, and nothing to learn
   */
  judged?(file: FileSpec, verdict: 'right' | 'wrong'): Judged;
}

/** What a source with several places says of a file that was judged. */
export interface Judged {
  /** Some place has failed this file less often than those that gave it: asking there is no repetition. */
  readonly hasAnother: boolean;
  /** By what each place failed it, if any did; without secrets. */
  readonly said: string;
}

export interface OpenedFile {
  readonly status: 'opened';
  readonly from: number;
  /** Who gives it, shortly and without secrets: its name, and of several places the host. @default the source's own name */
  readonly source?: string;
  /**
   * `pixels`: another lossless encoding of the picture, whole, from 0, of a size of its own; only for a file whose spec
   * accepts it. @default file
   */
  readonly form?: 'file' | 'pixels';
  /**
   * The bytes, once, in order. Iterating throws {@link SourceBodyError} when the transfer breaks, and the signal's
   * reason when the caller aborted. Leaving the loop early closes the connection, so it must be iterated: a body that
   * nobody looks at holds its connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The one way in which a body breaks; carries the same data as a failed open. */
export class SourceBodyError extends Error {
  override readonly name = 'SourceBodyError';
  readonly failure: SourceFailure;

  constructor(failure: SourceFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}
