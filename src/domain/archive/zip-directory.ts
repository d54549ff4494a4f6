import { BadArchiveError } from './bad-archive.ts';
import { ENCRYPTED, type Member, MemberTable, ODD } from './member-table.ts';
import { safe, viewOf, type ZipDirectory } from './zip-end.ts';

const ENTRY_BYTES = 46;
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

  constructor(directory: ZipDirectory) {
    this.#directory = directory;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    const view = viewOf(bytes);
    let at = 0;
    for (;;) {
      const length = this.#entry(bytes, view, at);
      if (length === 0) break;
      at += length;
    }
    // A copy: whoever gave the piece may use its memory again.
    this.#rest = bytes.slice(at);
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
    const name = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    const extraAt = at + ENTRY_BYTES + nameBytes;
    const place = placeOf(view, at, viewOf(bytes.subarray(extraAt, extraAt + extraBytes)));
    const last = name[name.length - 1];
    const isFolder = last === 0x2f || last === 0x5c;
    if (!isFolder && nameBytes > 0)
      this.#table.add(name, {
        ...place,
        head: LOCAL_BYTES + nameBytes + extraBytes,
        method: methodOf(view, at),
      });
    return length;
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

/** Sizes and place, where they are all ones from the zip64 field, which has only those, in this order. */
function placeOf(view: DataView, at: number, extra: DataView): Omit<Member, 'head' | 'method'> {
  const said = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const disk = view.getUint16(at + 34, true);
  if (disk !== 0 && disk !== 0xffff)
    throw new BadArchiveError('expected a zip in one part, got one of several');
  const field = said.includes(IN_FIELD) ? zip64FieldIn(extra) : { from: 0, end: 0 };
  let { from } = field;
  const [size = 0, packed = 0, offset = 0] = said.map((value) => {
    if (value !== IN_FIELD) return value;
    if (from + 8 > field.end)
      throw new BadArchiveError('expected sizes of 64 bits in the directory, got none');
    from += 8;
    return safe(extra.getBigUint64(from - 8, true));
  });
  return { size, packed, offset };
}

/** Where the zip64 field's values begin and end. */
function zip64FieldIn(extra: DataView): { readonly from: number; readonly end: number } {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    const end = at + 4 + length;
    if (id === ZIP64_FIELD && end <= extra.byteLength) return { from: at + 4, end };
    at = end;
  }
  return { from: 0, end: 0 };
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
