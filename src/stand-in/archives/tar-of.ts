import type { FileLabel, StandInFile } from '../files.ts';
import { type FilePart, joinedFile, partOfBytes } from './joined-file.ts';

export interface TarMember extends FilePart {
  readonly name: string;
  /** As tar calls it. @default '0', a file */
  readonly type?: string;
  /** How a name, or a size, that its header has no room for is told. @default 'pax' */
  readonly long?: 'pax' | 'gnu';
  /** Of pax, beside those that are needed. */
  readonly fields?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** A tar of these members, put together while it is asked for. */
export function tarOf(members: Iterable<TarMember>, label: FileLabel): StandInFile {
  const parts: FilePart[] = [];
  for (const member of members) {
    const { size, type = '0' } = member;
    parts.push(partOfBytes(Buffer.concat([before(member), header(member.name, size, type)])), member);
    if (size % BLOCK > 0) parts.push(partOfBytes(new Uint8Array(BLOCK - (size % BLOCK))));
  }
  parts.push(partOfBytes(new Uint8Array(2 * BLOCK)));
  return joinedFile(parts, label);
}

/** What tells of a header that has no room for it. */
function before({ name, size, long = 'pax', fields = {} }: TarMember): Buffer {
  const isLong = Buffer.byteLength(name) > 100;
  if (long === 'gnu') return isLong ? told('././@LongLink', 'L', Buffer.from(`${name}\0`)) : Buffer.alloc(0);
  const said = {
    ...(isLong ? { path: name } : {}),
    ...(size >= 8 ** 11 ? { size: String(size) } : {}),
    ...fields,
  };
  const records = Object.entries(said).map(([key, value]) => record(`${key}=${value}\n`));
  return records.length === 0 ? Buffer.alloc(0) : told('PaxHeader', 'x', Buffer.concat(records));
}

/** A pax record says its own length, digits included. */
function record(text: string): Buffer {
  const bytes = Buffer.byteLength(text) + 1;
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length++;
  return Buffer.from(`${length} ${text}`);
}

function told(name: string, type: string, data: Buffer): Buffer {
  const filled = Buffer.alloc(Math.ceil(data.length / BLOCK) * BLOCK);
  data.copy(filled);
  return Buffer.concat([header(name, data.length, type), filled]);
}

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${(size % 8 ** 11).toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
