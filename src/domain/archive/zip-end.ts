import { BadArchiveError, MOST_DIRECTORY_BYTES, MOST_MEMBERS } from './bad-archive.ts';

/** Where a zip's directory lies, as its end says. */
export interface ZipDirectory {
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
}

/** What must be read next to know it: the record of an archive that is too large, or has too many members, for the old one. */
export interface Zip64Place {
  readonly zip64At: number;
  /** What the old end record says, all ones where it leaves it to the new one. */
  readonly said: ZipDirectory;
  readonly endAt: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
export const ZIP64_END_BYTES = 56;

/** Bytes at a zip's end in which its end record lies: with the longest comment, and the zip64 locator before it. */
export const TAIL_BYTES = END_BYTES + 0xffff + LOCATOR_BYTES;

const END_SIGNATURE = 0x06054b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_SIGNATURE = 0x06064b50;

/**
 * Reads the end of a zip.
 *
 * @param tail the archive's last bytes, {@link TAIL_BYTES} or all of them
 * @param size of the archive
 * @throws BadArchiveError where there is no end record, or one that cannot be right
 */
export function readZipEnd(tail: Uint8Array, size: number): ZipDirectory | Zip64Place {
  const view = viewOf(tail);
  const at = endRecordIn(view);
  if (at === undefined)
    throw new BadArchiveError(
      'expected a zip, got a file without the end of one: cut off, or of another kind',
    );
  const endAt = size - tail.length + at;
  const entries = view.getUint16(at + 10, true);
  if (
    view.getUint16(at + 4, true) !== view.getUint16(at + 6, true) ||
    view.getUint16(at + 8, true) !== entries
  )
    throw new BadArchiveError('expected a zip in one part, got one of several');
  const said = { entries, bytes: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
  const locator = at - LOCATOR_BYTES;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_SIGNATURE) {
    const zip64At = safe(view.getBigUint64(locator + 8, true));
    if (view.getUint32(locator + 4, true) !== 0 || view.getUint32(locator + 16, true) > 1)
      throw new BadArchiveError('expected a zip in one part, got one of several');
    if (zip64At + ZIP64_END_BYTES > endAt - LOCATOR_BYTES)
      throw new BadArchiveError(`expected a zip64 record before ${endAt}, got one at ${zip64At}`);
    return { zip64At, said, endAt: endAt - LOCATOR_BYTES };
  }
  if (view.getUint16(at + 4, true) !== 0)
    throw new BadArchiveError('expected a zip in one part, got one of several');
  return checked(said, endAt);
}

/** Reads the zip64 record that the end of a zip named; `record`: its first {@link ZIP64_END_BYTES} bytes. */
export function readZip64End(record: Uint8Array, { said, zip64At, endAt }: Zip64Place): ZipDirectory {
  const view = viewOf(record);
  if (record.length < ZIP64_END_BYTES || view.getUint32(0, true) !== ZIP64_SIGNATURE)
    throw new BadArchiveError(`expected a zip64 record at ${zip64At}, got none`);
  const length = safe(view.getBigUint64(4, true));
  if (length < ZIP64_END_BYTES - 12 || zip64At + 12 + length > endAt)
    throw new BadArchiveError(`expected a zip64 record that ends at ${endAt}, got one of ${length} bytes`);
  const entries = safe(view.getBigUint64(32, true));
  if (
    view.getUint32(16, true) !== 0 ||
    view.getUint32(20, true) !== 0 ||
    safe(view.getBigUint64(24, true)) !== entries
  )
    throw new BadArchiveError('expected a zip in one part, got one of several');
  const directory = {
    entries,
    bytes: safe(view.getBigUint64(40, true)),
    offset: safe(view.getBigUint64(48, true)),
  };
  const agrees =
    (said.entries === 0xffff || said.entries === entries) &&
    (said.bytes === 0xffffffff || said.bytes === directory.bytes) &&
    (said.offset === 0xffffffff || said.offset === directory.offset);
  if (!agrees)
    throw new BadArchiveError('expected a zip64 record that agrees with the end of the zip, got another');
  return checked(directory, zip64At);
}

/** A directory that lies before `endAt`, and can be as large as it says. */
function checked(directory: ZipDirectory, endAt: number): ZipDirectory {
  const { offset, bytes, entries } = directory;
  if (offset + bytes > endAt)
    throw new BadArchiveError(`expected a directory before ${endAt}, got one that ends at ${offset + bytes}`);
  if (bytes > MOST_DIRECTORY_BYTES)
    throw new BadArchiveError(`expected a directory of at most ${MOST_DIRECTORY_BYTES} bytes, got ${bytes}`);
  if (entries > MOST_MEMBERS)
    throw new BadArchiveError(`expected at most ${MOST_MEMBERS} members, got ${entries}`);
  return directory;
}

/** The last record whose comment reaches exactly to the end: a comment may hold what looks like another one. */
function endRecordIn(view: DataView): number | undefined {
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    const isRecord =
      view.getUint32(at, true) === END_SIGNATURE &&
      at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength;
    if (isRecord) return at;
  }
  return undefined;
}

/** What no file can have is a lie. */
export function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new BadArchiveError(`expected a place within the archive, got ${value}`);
  return Number(value);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
