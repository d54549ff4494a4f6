import type { MemberTable } from '../../../domain/archive/member-table.ts';
import { ZipDirectoryReader } from '../../../domain/archive/zip-directory.ts';
import {
  readZip64End,
  readZipEnd,
  TAIL_BYTES,
  ZIP64_END_BYTES,
  type ZipDirectory,
} from '../../../domain/archive/zip-end.ts';
import { type Access, type ArchiveVersion, type Failed, readBytes } from './access.ts';

/** A zip or a tar whose members are known. */
export interface OpenedArchive {
  readonly status: 'opened';
  readonly version: ArchiveVersion;
  readonly table: MemberTable;
  /** Where members end at the latest. */
  readonly end: number;
}

/**
 * Reads a zip's directory, and nothing else of it: its end, its zip64 record where it has one, the directory while it comes.
 *
 * @throws what a body throws, and BadArchiveError
 */
export async function openZip(access: Access, signal: AbortSignal): Promise<OpenedArchive | Failed> {
  const seen = await access.look(signal);
  if (seen.status === 'failed') return seen;
  const { version } = seen;
  const { size } = version;
  const tailAt = Math.max(0, size - TAIL_BYTES);
  const tail = await bytesOf(access, version, tailAt, size, signal);
  if ('status' in tail) return tail;
  let directory = readZipEnd(tail, size);
  if ('zip64At' in directory) {
    const { zip64At } = directory;
    const until = zip64At + ZIP64_END_BYTES;
    const record =
      zip64At >= tailAt
        ? tail.subarray(zip64At - tailAt, until - tailAt)
        : await bytesOf(access, version, zip64At, until, signal);
    if ('status' in record) return record;
    directory = readZip64End(record, directory);
  }
  const table = await tableOf(access, version, directory, { tail, tailAt }, signal);
  return 'status' in table ? table : { status: 'opened', version, table, end: directory.offset };
}

async function tableOf(
  access: Access,
  version: ArchiveVersion,
  directory: ZipDirectory,
  { tail, tailAt }: { readonly tail: Uint8Array; readonly tailAt: number },
  signal: AbortSignal,
): Promise<MemberTable | Failed> {
  const { offset, bytes } = directory;
  const reader = new ZipDirectoryReader(directory);
  if (offset >= tailAt) {
    reader.push(tail.subarray(offset - tailAt, offset + bytes - tailAt));
    return reader.finish();
  }
  // What the tail has of it does not come again.
  const until = Math.min(offset + bytes, tailAt);
  const read = await access.read({ offset, end: until }, version, signal);
  if (read.status === 'failed') return read;
  for await (const piece of read.body) reader.push(piece);
  if (until < offset + bytes) reader.push(tail.subarray(0, offset + bytes - tailAt));
  return reader.finish();
}

async function bytesOf(
  access: Access,
  version: ArchiveVersion,
  offset: number,
  end: number,
  signal: AbortSignal,
): Promise<Uint8Array | Failed> {
  if (end <= offset) return new Uint8Array(0);
  const read = await access.read({ offset, end }, version, signal);
  return read.status === 'failed' ? read : readBytes(read.body, end - offset);
}
