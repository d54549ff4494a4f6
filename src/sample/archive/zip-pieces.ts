import { crc32 } from 'node:zlib';

/** A file of an archive; read when its turn comes. */
export interface ZipMember {
  /** With forward slashes, in ASCII. */
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/** 1 January 1980, midnight: the same members always make the same archive. */
const DATE = 0x21;
/** 1.0: stored, and nothing else. */
const VERSION = 10;
/** Where a format without its 64-bit extension ends. */
const MOST_BYTES = 0xffff_fffe;

/** A ZIP archive, its members stored as they are, as NVIDIA's are; piece by piece, one member in memory at a time. */
export async function* zipPieces(members: Iterable<ZipMember>): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, read } of members) {
    const bytes = await read();
    if (at + bytes.length > MOST_BYTES)
      throw new RangeError(`zip [member=${name}]: expected less than 4 GiB in all, got more`);
    const entry = entryOf(name, bytes);
    const head = Buffer.concat([signature(0x04034b50), entry, Buffer.from(name)]);
    directory.push(directoryEntry(name, entry, at));
    yield head;
    yield bytes;
    at += head.length + bytes.length;
  }
  const entries = Buffer.concat(directory);
  yield entries;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  yield end;
}

/** What a member's own head and its line in the directory have in common. */
function entryOf(name: string, bytes: Uint8Array): Buffer {
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(VERSION, 0);
  entry.writeUInt16LE(DATE, 8);
  entry.writeUInt32LE(crc32(bytes), 10);
  entry.writeUInt32LE(bytes.length, 14);
  entry.writeUInt32LE(bytes.length, 18);
  entry.writeUInt16LE(name.length, 22);
  return entry;
}

function directoryEntry(name: string, entry: Buffer, at: number): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(VERSION);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(at, 10);
  return Buffer.concat([signature(0x02014b50), madeBy, entry, rest, Buffer.from(name)]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
