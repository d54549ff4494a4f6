import { printable } from '../../../domain/failure/printable.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';

export interface Failed {
  readonly status: 'failed';
  readonly failure: SourceFailure;
}

/**
 * Bytes of one archive, wherever it lies. A read asks once; what went wrong is data, and only the caller's own abort is
 * thrown. Bodies keep the law of an `OpenedFile`'s.
 */
export interface Access {
  /** Where it lies: a path or a URL, as the request names it. */
  readonly place: string;
  /** The base name of that. */
  readonly name: string;
  /** What is there now. */
  look(signal: AbortSignal): Promise<{ readonly status: 'seen'; readonly version: ArchiveVersion } | Failed>;
  /**
   * Exactly the bytes `[offset, end)` of this version, which lie within it; `archive-changed` where another one is there
   * by now.
   */
  read(
    range: { readonly offset: number; readonly end: number },
    version: ArchiveVersion,
    signal: AbortSignal,
  ): Promise<{ readonly status: 'opened'; readonly body: AsyncIterable<Uint8Array> } | Failed>;
}

/** Which archive it is that lies there. */
export interface ArchiveVersion {
  /** Bytes. */
  readonly size: number;
  /** Empty where nobody says any. */
  readonly etag: string;
  /** Last-Modified; of a file of this machine its mtime and inode. */
  readonly date: string;
}

/** Does anything but the size tell it from another one? */
export function isMarked({ etag, date }: ArchiveVersion): boolean {
  return etag !== '' || date !== '';
}

/** @param got what is wrong: "expected ..., got ..." */
export function failedArchive(
  reason: SourceFailureReason,
  { name }: Pick<Access, 'name'>,
  got: string,
): Failed {
  const detail = `archive [${printable(name, 80)}]: ${got}`;
  return { status: 'failed', failure: sourceFailure(reason, detail) };
}

export function changedArchive(access: Pick<Access, 'name'>): Failed {
  return failedArchive('archive-changed', access, 'expected the one whose directory was read, got another');
}

/** Reads a few bytes at once; throws what a body throws. */
export async function readBytes(body: AsyncIterable<Uint8Array>, bytes: number): Promise<Uint8Array> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for await (const piece of body) {
    all.set(piece.subarray(0, bytes - at), at);
    at = Math.min(bytes, at + piece.length);
  }
  return all.subarray(0, at);
}
