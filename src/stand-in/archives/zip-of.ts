import type { FileLabel, StandInFile } from '../files.ts';
import { type FilePart, joinedFile, partOfBytes } from './joined-file.ts';

/** A member: its bytes as they lie in the zip. */
export interface ZipMember extends FilePart {
  readonly name: string;
  /** As zip numbers them. @default 0, stored */
  readonly method?: number;
  /** Of the file that it is. @default as many bytes as lie there */
  readonly unpacked?: number;
  /** @default 0 */
  readonly flags?: number;
  /** Fields that its own header has, and the directory has not. */
  readonly localExtra?: Uint8Array;
}

export interface ZipOptions {
  /** Sizes of 64 bits also where they need not be. */
  readonly zip64?: boolean;
  /** Sizes stand behind the bytes, as programs write that do not know them before. */
  readonly sizesBehind?: boolean;
  readonly comment?: string;
}

const LARGE = 0xffffffff;

/** A zip of these members, put together while it is asked for. Its checksums are zeros: whoever reads it has better ones. */
export function zipOf(members: Iterable<ZipMember>, label: FileLabel, options: ZipOptions = {}): StandInFile {
  const parts: FilePart[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const put = (part: FilePart) => {
    parts.push(part);
    offset += part.size;
  };
  for (const member of members) {
    const at = offset;
    const local = localHeader(member, options);
    directory.push(entry(member, at, options));
    put(partOfBytes(local));
    put(member);
    if (options.sizesBehind) put(partOfBytes(descriptor(member)));
  }
  const listed = Buffer.concat(directory);
  const directoryAt = offset;
  put(partOfBytes(listed));
  put(partOfBytes(ending(directory.length, listed.length, directoryAt, options)));
  return joinedFile(parts, label);
}

function fixed({ method = 0, flags = 0 }: ZipMember, { sizesBehind = false }: ZipOptions): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16LE(45, 0);
  head.writeUInt16LE(flags | (sizesBehind ? 8 : 0) | 0x800, 2);
  head.writeUInt16LE(method, 4);
  // 1 January 1980: the same each time.
  head.writeUInt16LE(0x21, 8);
  return head;
}

function localHeader(member: ZipMember, options: ZipOptions): Buffer {
  const name = Buffer.from(member.name);
  const { size, unpacked = size, localExtra = new Uint8Array() } = member;
  const isLarge = options.zip64 === true || size >= LARGE;
  const extra = Buffer.concat([isLarge ? zip64Field([unpacked, size]) : Buffer.alloc(0), localExtra]);
  const rest = Buffer.alloc(16);
  if (!options.sizesBehind) {
    rest.writeUInt32LE(isLarge ? LARGE : size, 4);
    rest.writeUInt32LE(isLarge ? LARGE : unpacked, 8);
  }
  rest.writeUInt16LE(name.length, 12);
  rest.writeUInt16LE(extra.length, 14);
  return Buffer.concat([Buffer.from('PK\u0003\u0004'), fixed(member, options), rest, name, extra]);
}

function descriptor({ size, unpacked = size }: ZipMember): Buffer {
  const behind = Buffer.alloc(16);
  behind.write('PK\u0007\b', 0, 'latin1');
  behind.writeUInt32LE(size % 2 ** 32, 8);
  behind.writeUInt32LE(unpacked % 2 ** 32, 12);
  return behind;
}

function entry(member: ZipMember, at: number, options: ZipOptions): Buffer {
  const name = Buffer.from(member.name);
  const { size, unpacked = size } = member;
  const all = options.zip64 === true;
  const values = [unpacked, size, at];
  const extra = zip64Field(values.filter((value) => all || value >= LARGE));
  const [unpackedSaid = 0, sizeSaid = 0, atSaid = 0] = values.map((value) =>
    all || value >= LARGE ? LARGE : value,
  );
  const rest = Buffer.alloc(30);
  rest.writeUInt32LE(sizeSaid, 4);
  rest.writeUInt32LE(unpackedSaid, 8);
  rest.writeUInt16LE(name.length, 12);
  rest.writeUInt16LE(extra.length, 14);
  rest.writeUInt32LE(atSaid, 26);
  return Buffer.concat([
    Buffer.from('PK\u0001\u0002\u002d\u0003'),
    fixed(member, options),
    rest,
    name,
    extra,
  ]);
}

function zip64Field(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, at) => {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  });
  return field;
}

function ending(
  count: number,
  bytes: number,
  at: number,
  { zip64 = false, comment = '' }: ZipOptions,
): Buffer {
  const isLarge = zip64 || count >= 0xffff || at >= LARGE;
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(isLarge ? 0xffff : count, 8);
  end.writeUInt16LE(isLarge ? 0xffff : count, 10);
  end.writeUInt32LE(isLarge ? LARGE : bytes, 12);
  end.writeUInt32LE(isLarge ? LARGE : at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  const said = Buffer.from(comment);
  if (!isLarge) return Buffer.concat([end, said]);
  const record = Buffer.alloc(56);
  record.write('PK\u0006\u0006', 0, 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(bytes), 40);
  record.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\u0006\u0007', 0, 'latin1');
  locator.writeBigUInt64LE(BigInt(at + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, end, said]);
}
