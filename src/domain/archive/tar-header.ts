import { BadArchiveError } from './bad-archive.ts';
import { viewOf } from './zip-end.ts';

/** Tars are made of blocks: a header, and the bytes of the member behind it, filled up. */
export const TAR_BLOCK = 512;

/** Bytes of a header that speaks of the next one: a long name, or pax fields. */
const MOST_ABOUT_BYTES = 1024 ** 2;

/**
 * What a header says.
 * - `file`: a member.
 * - `pax`, `long-name`: what follows speaks of the next header.
 * - `other`: folders, links, devices, and what this reader knows nothing of.
 */
export interface TarHeader {
  readonly is: 'file' | 'pax' | 'long-name' | 'other';
  readonly name: Uint8Array;
  /** Of what follows, without what fills up its last block. */
  readonly size: number;
}

/** What pax fields or a long name say of the next header. */
export interface AboutNext {
  readonly name?: Uint8Array;
  readonly size?: number;
  readonly isSparse?: boolean;
}

/** Reads a header; undefined for a block of zeros, two of which end a tar. */
export function readTarHeader(block: Uint8Array): TarHeader | undefined {
  const sums = sumsOf(block);
  if (sums.plain === 8 * SPACE && (block[CHECKSUM_AT] ?? 0) === 0) return undefined;
  const said = Number.parseInt(latin(block.subarray(CHECKSUM_AT, CHECKSUM_AT + 8)).trim(), 8);
  if (said !== sums.plain && said !== sums.signed)
    throw new BadArchiveError(
      'expected the header of a member, got something else: no tar, or a damaged one',
    );
  const type = String.fromCharCode(block[156] ?? 0);
  const size = sizeIn(block.subarray(124, 136));
  const is = kindOf(type);
  if (type === 'S')
    throw new BadArchiveError('expected plain members, got a sparse one in GNU tar’s old form');
  if ((is === 'pax' || is === 'long-name' || isAboutOther(type)) && size > MOST_ABOUT_BYTES)
    throw new BadArchiveError(`expected a name of at most ${MOST_ABOUT_BYTES} bytes, got ${size}`);
  // Links, devices and folders say a size at times, and nothing follows.
  return { is, name: nameIn(block), size: /^[1-6]$/.test(type) ? 0 : size };
}

/** What `data`, behind a header of pax fields or of a long name, says of the next header. */
export function readAboutNext({ is }: TarHeader, data: Uint8Array): AboutNext {
  if (is === 'long-name') return { name: untilNul(data) };
  let about: AboutNext = {};
  for (let at = 0; at < data.length && data[at] !== 0; ) {
    const space = data.indexOf(SPACE, at);
    const length = space > at && space - at <= 8 ? Number(latin(data.subarray(at, space))) : Number.NaN;
    const end = at + length;
    const equals = data.indexOf(EQUALS, space);
    const isField = Number.isInteger(length) && end <= data.length && equals > space && equals < end - 1;
    if (!isField || data[end - 1] !== NEWLINE)
      throw new BadArchiveError('expected pax fields before a member, got something else');
    const key = latin(data.subarray(space + 1, equals));
    const value = data.subarray(equals + 1, end - 1);
    if (key === 'path') about = { ...about, name: value.slice() };
    else if (key === 'size') about = { ...about, size: decimal(value) };
    else if (key.startsWith('GNU.sparse.')) about = { ...about, isSparse: true };
    at = end;
  }
  return about;
}

/** Bytes up to the next header. */
export function filledUp(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

const CHECKSUM_AT = 148;
const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

function kindOf(type: string): TarHeader['is'] {
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return 'file';
    case 'x':
      return 'pax';
    case 'L':
      return 'long-name';
    default:
      return 'other';
  }
}

/** Fields of all members, and names of links: read past. */
function isAboutOther(type: string): boolean {
  return type === 'g' || type === 'K';
}

/** The checksum's own bytes count as spaces; some old programs summed signed bytes. */
function sumsOf(block: Uint8Array): { readonly plain: number; readonly signed: number } {
  let [plain, signed] = [8 * SPACE, 8 * SPACE];
  for (let at = 0; at < TAR_BLOCK; at++) {
    if (at >= CHECKSUM_AT && at < CHECKSUM_AT + 8) continue;
    const byte = block[at] ?? 0;
    plain += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return { plain, signed };
}

/** Octal digits, or, with its first bit set, a number of 95 bits. */
function sizeIn(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) === 0) return octal(field);
  const high = viewOf(field).getUint32(0, false) & 0x7fffffff;
  const size = viewOf(field).getBigUint64(4, false);
  if (high !== 0 || size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new BadArchiveError('expected the size of a member, got a number that no file has');
  return Number(size);
}

function octal(field: Uint8Array): number {
  const digits = latin(field).replace(/^[ \0]+|[ \0]+$/g, '');
  if (digits === '') return 0;
  if (!/^[0-7]{1,12}$/.test(digits))
    throw new BadArchiveError('expected a number in octal digits in a header, got something else');
  return Number.parseInt(digits, 8);
}

function decimal(value: Uint8Array): number {
  const digits = latin(value);
  const size = /^[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(size))
    throw new BadArchiveError('expected a size in a pax field, got something else');
  return size;
}

function nameIn(block: Uint8Array): Uint8Array {
  const name = untilNul(block.subarray(0, 100));
  const isUstar = latin(block.subarray(257, 263)) === 'ustar\0';
  const prefix = isUstar ? untilNul(block.subarray(345, 500)) : new Uint8Array(0);
  if (prefix.length === 0) return name;
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = 0x2f;
  whole.set(name, prefix.length + 1);
  return whole;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return bytes.slice(0, end === -1 ? bytes.length : end);
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}
