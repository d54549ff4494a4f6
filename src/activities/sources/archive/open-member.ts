import { BadArchiveError } from '../../../domain/archive/bad-archive.ts';
import { DEFLATED, ENCRYPTED, type Member, ODD, STORED } from '../../../domain/archive/member-table.ts';
import { readLocalHeader } from '../../../domain/archive/zip-directory.ts';
import { SourceBodyError } from '../contract/source.ts';
import { type Access, type ArchiveVersion, type Failed, failedArchive } from './access.ts';
import { ByteReader } from './byte-reader.ts';
import { inflated } from './inflated.ts';

/** A member's bytes `[from, end)`. */
export interface MemberPart {
  readonly from: number;
  readonly end: number;
}

type OpenedPart = { readonly status: 'opened'; readonly body: AsyncIterable<Uint8Array> } | Failed;

/** A local header may be longer than the directory knows: times and owners of Unix, sizes of 64 bits. */
const HEAD_SLACK = 96;

/** Bytes before a part that are read for its header's sake: fewer than another request costs. */
const READ_PAST = 64 * 1024;

/** Bytes beyond the worst packing: empty blocks that a packer flushes. */
const MOST_IDLE_BYTES = 64 * 1024;

/**
 * No deflated member of so many bytes needs more: its worst packing is blocks of stored bytes, as small as zlib makes them.
 * Empty blocks make nothing of any number of bytes, for which somebody would wait for ever.
 */
function mostPacked(size: number): number {
  return size + 5 * Math.ceil(size / 16_383) + MOST_IDLE_BYTES;
}

/** The method by which a member can be read; a refusal where it cannot. */
export function refusalOf(access: Access, { method, size, packed }: Member): Failed | undefined {
  const refused = (got: string) => failedArchive('bad-archive', access, got);
  switch (method) {
    case STORED:
      return size === packed
        ? undefined
        : refused(`expected a stored member of ${size} bytes, got ${packed}`);
    case DEFLATED:
      return packed <= mostPacked(size)
        ? undefined
        : refused(
            `expected a deflated member of ${size} bytes in ${mostPacked(size)} at most, got ${packed}`,
          );
    case ENCRYPTED:
      return refused('expected a member that everybody can read, got an encrypted one');
    case ODD:
      return refused('expected a plain file as the member, got a link or something else');
    default:
      return refused(`expected a stored or deflated member, got one packed by method ${method}`);
  }
}

/** Opens a part of a tar's member: its bytes lie there as they are. */
export function openTarMember(
  access: Access,
  version: ArchiveVersion,
  { offset }: Member,
  { from, end }: MemberPart,
  signal: AbortSignal,
): Promise<OpenedPart> {
  return access.read({ offset: offset + from, end: offset + end }, version, signal);
}

/**
 * Opens a part of a zip's member, header and bytes by one request. Only far within a stored member the header is asked for
 * by itself: where the bytes begin stands in it.
 *
 * @param archiveEnd where members end at the latest
 */
export async function openZipMember(
  access: Access,
  { version, end: archiveEnd }: { readonly version: ArchiveVersion; readonly end: number },
  member: Member,
  part: MemberPart,
  signal: AbortSignal,
): Promise<OpenedPart> {
  const { offset, packed, method } = member;
  const headEnd = offset + member.head + HEAD_SLACK;
  const read = (from: number, end: number) =>
    access.read({ offset: from, end: Math.min(end, archiveEnd) }, version, signal);
  if (method === STORED && part.from > READ_PAST) {
    const opened = await read(offset, headEnd);
    if (opened.status === 'failed') return opened;
    const bytes = new ByteReader(opened.body);
    const start = await told(access, async () => {
      try {
        const begins = offset + readLocalHeader(await bytes.take(30), member);
        await bytes.drain();
        return begins;
      } finally {
        await bytes.leave();
      }
    });
    if (typeof start !== 'number') return start;
    return checkedEnd(access, start + packed, archiveEnd) ?? read(start + part.from, start + part.end);
  }
  const wanted = method === STORED ? part.end : packed;
  const opened = await read(offset, headEnd + wanted);
  if (opened.status === 'failed') return opened;
  const bytes = new ByteReader(opened.body);
  const packedBytes = packedFrom(bytes, member, { wanted, archiveEnd, read });
  const whole = method === STORED ? packedBytes : inflated(packedBytes, member.size);
  return { status: 'opened', body: tellingBody(access, partOf(whole, part)) };
}

async function* packedFrom(
  bytes: ByteReader,
  member: Member,
  {
    wanted,
    archiveEnd,
    read,
  }: {
    readonly wanted: number;
    readonly archiveEnd: number;
    readonly read: (from: number, end: number) => ReturnType<Access['read']>;
  },
): AsyncGenerator<Uint8Array> {
  try {
    const begins = readLocalHeader(await bytes.take(30), member);
    const start = member.offset + begins;
    if (start + member.packed > archiveEnd)
      throw new BadArchiveError(`expected a member before ${archiveEnd}, got one that reaches behind it`);
    await bytes.skip(begins - 30);
    let left = wanted;
    for await (const piece of bytes.pieces(left)) {
      left -= piece.length;
      yield piece;
    }
    // A few bytes more than there were: the connection is used again.
    await bytes.drain();
    if (left === 0) return;
    const rest = await read(start + wanted - left, start + wanted);
    if (rest.status === 'failed') throw new SourceBodyError(rest.failure);
    yield* rest.body;
  } finally {
    await bytes.leave();
  }
}

/** The bytes `[from, end)` of a whole; what comes before is read past. */
async function* partOf(
  whole: AsyncIterable<Uint8Array>,
  { from, end }: MemberPart,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of whole) {
    const first = Math.max(0, from - at);
    const last = Math.min(piece.length, end - at);
    at += piece.length;
    if (first < last) yield piece.subarray(first, last);
  }
}

/** What an archive says wrongly breaks the body as data. */
async function* tellingBody(access: Access, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw error instanceof BadArchiveError
      ? new SourceBodyError(failedArchive('bad-archive', access, error.message).failure)
      : error;
  }
}

/** What an archive says wrongly, or a body that breaks, as data. */
export async function told<Value>(access: Access, work: () => Promise<Value>): Promise<Value | Failed> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BadArchiveError) return failedArchive('bad-archive', access, error.message);
    if (error instanceof SourceBodyError) return { status: 'failed', failure: error.failure };
    throw error;
  }
}

function checkedEnd(access: Access, end: number, archiveEnd: number): Failed | undefined {
  if (end <= archiveEnd) return undefined;
  const got = `expected a member before ${archiveEnd}, got one that ends at ${end}`;
  return failedArchive('bad-archive', access, got);
}
