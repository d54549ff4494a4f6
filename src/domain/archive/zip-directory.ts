import { BadArchiveError } from './bad-archive.ts';
import { ENCRYPTED, type Member, MemberTable, ODD } from './member-table.ts';
import { safe, viewOf, type ZipDirectory } from './zip-end.ts';

const ENTRY_BYTES = 46;
const STEP_BYTES = 1024;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_BYTES = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const ZIP64_FIELD = 0x0001;
const IN_FIELD = 0xffffffff;

/** Bits of the general purpose flags: encrypted; sizes behind the bytes; patched; strongly encrypted. */
const LOCKED = 0x0041;
const SIZES_BEHIND = 0x0008;
const PATCHED = 0x0020;

/** The type of a file, of what Unix wrote. */
const UNIX = 3;
const TYPE = 0o170000;
const REGULAR = 0o100000;

/** Reads a zip's directory while it comes, in pieces of any length. */
export class ZipDirectoryReader {
  readonly #directory: ZipDirectory;
  readonly #table = new MemberTable();
  #rest = new Uint8Array(0);
  #entries = 0;
  readonly #member: { -readonly [Key in keyof Member]: number } = {
    ...{ offset: 0, packed: 0, size: 0, method: 0, head: 0 },
  };

  constructor(directory: ZipDirectory) {
    this.#directory = directory;
  }

  push(piece: Uint8Array): void {
    let at = this.#joined(piece);
    if (at === undefined) return;
    const view = viewOf(piece);
    for (let length = -1; length !== 0; at += length) length = this.#entry(piece, view, at);
    // A copy: whoever gave the piece may use its memory again.
    this.#rest = piece.slice(at);
  }

  /** Reads the entry that the last piece broke off in; where the next one begins in this piece. Undefined: it is used up. */
  #joined(piece: Uint8Array): number | undefined {
    const rest = this.#rest;
    if (rest.length === 0) return 0;
    // No more of the piece is copied than the entry needs, or twice as much.
    for (let more = Math.min(STEP_BYTES, piece.length); ; more = Math.min(2 * more, piece.length)) {
      const joined = new Uint8Array(rest.length + more);
      joined.set(rest);
      joined.set(piece.subarray(0, more), rest.length);
      const length = this.#entry(joined, viewOf(joined), 0);
      // What is left over began in the piece before: an entry has no end within it.
      if (length > 0) return length - rest.length;
      if (more < piece.length) continue;
      this.#rest = joined;
      return undefined;
    }
  }

  /** @throws BadArchiveError where the directory ended in mid-entry, or has not as many as the zip's end says */
  finish(): MemberTable {
    const { entries, offset } = this.#directory;
    if (this.#rest.length > 0 || this.#entries !== entries)
      throw new BadArchiveError(`expected a directory of ${entries} members, got one of ${this.#entries}`);
    this.#table.checkOverlaps(offset);
    return this.#table;
  }

  /** Its length; 0: it has not come as a whole. */
  #entry(bytes: Uint8Array, view: DataView, at: number): number {
    if (at + ENTRY_BYTES > bytes.length) return 0;
    if (view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw new BadArchiveError(`expected member ${this.#entries} of the directory, got something else`);
    const [nameBytes, extraBytes] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const length = ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (at + length > bytes.length) return 0;
    this.#entries++;
    if (this.#entries > this.#directory.entries)
      throw new BadArchiveError(`expected a directory of ${this.#directory.entries} members, got more`);
    const nameAt = at + ENTRY_BYTES;
    const nameEnd = nameAt + nameBytes;
    const last = bytes[nameEnd - 1];
    // Its name says whether it is a folder.
    if (nameBytes > 0 && last !== 0x2f && last !== 0x5c)
      this.#table.add(bytes, this.#memberAt(view, at, nameBytes, extraBytes), nameAt, nameEnd);
    return length;
  }

  /** The same object each time: there are many members. */
  #memberAt(view: DataView, at: number, nameBytes: number, extraBytes: number): Member {
    const member = this.#member;
    const disk = view.getUint16(at + 34, true);
    if (disk !== 0 && disk !== 0xffff)
      throw new BadArchiveError('expected a zip in one part, got one of several');
    member.size = view.getUint32(at + 24, true);
    member.packed = view.getUint32(at + 20, true);
    member.offset = view.getUint32(at + 42, true);
    member.head = LOCAL_BYTES + nameBytes + extraBytes;
    member.method = methodOf(view, at);
    const isLarge = member.size === IN_FIELD || member.packed === IN_FIELD || member.offset === IN_FIELD;
    if (isLarge) readZip64Field(view, at + ENTRY_BYTES + nameBytes, extraBytes, member);
    return member;
  }
}

function methodOf(view: DataView, at: number): number {
  const flags = view.getUint16(at + 8, true);
  if ((flags & LOCKED) !== 0) return ENCRYPTED;
  if ((flags & PATCHED) !== 0) return ODD;
  const type = (view.getUint32(at + 38, true) >>> 16) & TYPE;
  if (view.getUint8(at + 5) === UNIX && type !== 0 && type !== REGULAR) return ODD;
  return view.getUint16(at + 10, true);
}

/** Of what is all ones the number stands in the zip64 field, which has those alone, in this order. */
function readZip64Field(
  view: DataView,
  extraAt: number,
  extraBytes: number,
  member: { -readonly [Key in keyof Member]: number },
): void {
  const until = extraAt + extraBytes;
  let [from, end] = [until, until];
  for (let at = extraAt; at + 4 <= until; ) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_FIELD && next <= until) {
      [from, end] = [at + 4, next];
      break;
    }
    at = next;
  }
  for (const what of ['size', 'packed', 'offset'] as const) {
    if (member[what] !== IN_FIELD) continue;
    if (from + 8 > end) throw new BadArchiveError('expected sizes of 64 bits in the directory, got none');
    member[what] = safe(view.getBigUint64(from, true));
    from += 8;
  }
}

/**
 * Where the bytes behind a local header begin, counted from the header's beginning.
 *
 * @param head at least its first {@link LOCAL_BYTES} bytes
 * @throws BadArchiveError where no local header lies there, or one of another file than the directory says
 */
export function readLocalHeader(head: Uint8Array, { packed, size, method }: Member): number {
  const view = viewOf(head);
  if (head.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL_SIGNATURE)
    throw new BadArchiveError('expected a member where the directory says, got something else');
  const flags = view.getUint16(6, true);
  if ((flags & LOCKED) !== 0 || view.getUint16(8, true) !== method)
    throw new BadArchiveError('expected a member as the directory says, got one that is packed otherwise');
  const agrees = (said: number, known: number) =>
    said === known || said === IN_FIELD || (said === 0 && (flags & SIZES_BEHIND) !== 0);
  if (!agrees(view.getUint32(18, true), packed) || !agrees(view.getUint32(22, true), size))
    throw new BadArchiveError('expected a member as large as the directory says, got another');
  return LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}
