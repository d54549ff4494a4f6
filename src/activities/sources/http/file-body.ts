import { type FileSpec, mostBytes } from '../../../domain/dataset/file-spec.ts';
import { type SourceFailure, sourceFailure } from '../../../domain/failure/source-failure.ts';
import { type OpenedFile, SourceBodyError } from '../contract/source.ts';
import { notTheFile } from './answer.ts';
import type { HttpResponse } from './client.ts';
import { HttpError, transportFailure } from './http-error.ts';

/** The part of a file that is asked for; `end` is exclusive and never behind the file's known end. */
export interface WantedRange {
  readonly offset: number;
  readonly end: number | undefined;
}

export type OpenResult =
  | (OpenedFile & { readonly head?: BodyHead })
  | { readonly status: 'failed'; readonly failure: SourceFailure };

/** What an answer says of the file that it is, or is a part of. */
export interface BodyHead {
  readonly isPart: boolean;
  /** Of the whole file, in bytes. */
  readonly size: number | undefined;
  /** At most 256 characters of each. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Settles what is wanted with what the spec says; a range that cannot hold a byte is a failure. */
export function wantedRange(
  file: FileSpec,
  { offset, end }: { readonly offset: number; readonly end?: number },
): WantedRange | SourceFailure {
  const most = mostBytes(file);
  if (file.size === undefined && offset >= most) {
    return sourceFailure(
      'oversized-body',
      `open [file=${file.path}]: expected at most ${most} bytes, got ${offset}`,
    );
  }
  const last = end === undefined ? file.size : Math.min(end, file.size ?? end);
  if (offset === 0 && (end === undefined || end > 0)) return { offset, end: last };
  if (last === undefined || offset < last) return { offset, end: last };
  return sourceFailure(
    'range-mismatch',
    `open [file=${file.path}]: expected an offset below ${last}, got ${offset}`,
  );
}

/** Value of the Range header; undefined when the whole file is wanted. */
export function rangeHeader(file: FileSpec, { offset, end }: WantedRange): string | undefined {
  const untilEnd = end === undefined || end === file.size;
  if (offset === 0 && untilEnd) return undefined;
  return `bytes=${offset}-${untilEnd ? '' : end - 1}`;
}

/** The body of a 200 or 206 that was recognised as the file, once its headers promise the bytes that are wanted. */
export function openHttpBody(response: HttpResponse, file: FileSpec, wanted: WantedRange): OpenResult {
  const encoding = response.header('content-encoding');
  const bounds =
    encoding !== undefined && encoding.trim().toLowerCase() !== 'identity'
      ? notTheFile('server-error', file, response.url.host, `it with content-encoding ${encoding}`)
      : response.status === 206
        ? partBounds(response, file, wanted)
        : wholeBounds(response, file);
  if ('reason' in bounds) {
    response.discard();
    return { status: 'failed', failure: bounds };
  }
  const mayBePage = bounds.from === 0 && file.path.endsWith('.png');
  return {
    status: 'opened',
    from: bounds.from,
    body: boundBody(response.body, file, { ...bounds, mayBePage }),
    head: headOf(response),
  };
}

function headOf(response: HttpResponse): BodyHead {
  const isPart = response.status === 206;
  const said = isPart ? response.header('content-range')?.split('/')[1] : response.header('content-length');
  return {
    isPart,
    size: said !== undefined && /^\d{1,15}$/.test(said.trim()) ? Number(said) : undefined,
    etag: response.header('etag')?.trim().slice(0, MOST_MARK),
    lastModified: response.header('last-modified')?.trim().slice(0, MOST_MARK),
  };
}

const MOST_MARK = 256;

export interface BodyBounds {
  readonly from: number;
  /** How many bytes must come; undefined when nobody said. */
  readonly bytes: number | undefined;
  /** A picture's first bytes: HTML in their place is no beginning of it, whatever the headers said. */
  readonly mayBePage?: boolean;
}

function partBounds(response: HttpResponse, file: FileSpec, wanted: WantedRange): BodyBounds | SourceFailure {
  const { offset, end } = wanted;
  const value = response.header('content-range') ?? '';
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(value.trim());
  const [first, last, total] = match ? [Number(match[1]), Number(match[2]), match[3]] : [];
  const size = total === undefined || total === '*' ? file.size : Number(total);
  const expectedEnd = end === undefined ? size : Math.min(end, size ?? end);
  const matches =
    first === offset &&
    last !== undefined &&
    last >= first &&
    (expectedEnd === undefined || last + 1 === expectedEnd) &&
    (file.size === undefined || size === file.size);
  if (matches && last >= mostBytes(file)) return tooLong(response, file, `content-range "${value}"`);
  if (matches) return { from: offset, bytes: last + 1 - offset };
  const asked = rangeHeader(file, wanted) ?? 'no range';
  return notTheFile(
    'range-mismatch',
    file,
    response.url.host,
    `content-range "${value}" for ${asked} of ${file.size ?? 'unknown'} bytes`,
  );
}

/** A server that ignores the range gives everything, and is let. */
function wholeBounds(response: HttpResponse, file: FileSpec): BodyBounds | SourceFailure {
  const header = response.header('content-length');
  const declared = header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
  if (declared !== undefined && file.size !== undefined && declared !== file.size) {
    const reason = declared > file.size ? 'oversized-body' : 'short-body';
    return notTheFile(
      reason,
      file,
      response.url.host,
      `content-length ${declared} for a file of ${file.size} bytes`,
    );
  }
  if (declared !== undefined && declared > mostBytes(file)) {
    return tooLong(response, file, `content-length ${declared}`);
  }
  return { from: 0, bytes: file.size ?? declared };
}

/** More than a file of this kind may have, where nobody published its size. */
function tooLong(response: HttpResponse, file: FileSpec, got: string): SourceFailure {
  const said = `${got} for a file of at most ${mostBytes(file)} bytes`;
  return notTheFile('oversized-body', file, response.url.host, said);
}

/** Lets exactly the promised bytes through, and turns every way in which that fails into a {@link SourceBodyError}. */
export async function* boundBody(
  chunks: AsyncIterable<Uint8Array>,
  file: FileSpec,
  { from, bytes, mayBePage = false }: BodyBounds,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  // Nobody said how many come: no more than a file of its kind may have.
  const most = bytes ?? mostBytes(file) - from;
  try {
    for await (const chunk of chunks) {
      if (mayBePage && received === 0 && chunk[0] === TAG_OPEN) {
        throw bodyError('unknown-page', file, 'a picture', 'a page');
      }
      const room = most - received;
      received += chunk.length;
      if (chunk.length <= room) yield chunk;
      else if (room > 0) yield chunk.subarray(0, room);
      if (received > most) {
        throw bodyError('oversized-body', file, `${bytes ?? `at most ${from + most}`} bytes`, 'more');
      }
    }
  } catch (error) {
    throw error instanceof HttpError ? new SourceBodyError(transportFailure(error)) : error;
  }
  if (bytes !== undefined && received < bytes) {
    throw bodyError('short-body', file, `${bytes} bytes`, `${received}`);
  }
}

/** `<` */
const TAG_OPEN = 0x3c;

function bodyError(
  reason: 'oversized-body' | 'short-body' | 'unknown-page',
  file: FileSpec,
  expected: string,
  got: string,
): SourceBodyError {
  return new SourceBodyError(
    sourceFailure(reason, `read [file=${file.path}]: expected ${expected}, got ${got}`),
  );
}
