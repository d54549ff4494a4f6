import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Access } from '../../../src/activities/sources/archive/access.ts';
import { ArchiveShelf } from '../../../src/activities/sources/archive/archive-shelf.ts';
import {
  openTarMember,
  openZipMember,
  refusalOf,
  told,
} from '../../../src/activities/sources/archive/open-member.ts';
import { TarIndexFile } from '../../../src/activities/sources/archive/tar-index-file.ts';
import { SourceBodyError } from '../../../src/activities/sources/contract/source.ts';
import { MemberTable } from '../../../src/domain/archive/member-table.ts';
import { pickMember } from '../../../src/domain/archive/pick-member.ts';
import type { SourceFailure } from '../../../src/domain/failure/source-failure.ts';
import { partOfBytes } from '../../../src/stand-in/archives/joined-file.ts';
import { tarOf } from '../../../src/stand-in/archives/tar-of.ts';
import { zipOf } from '../../../src/stand-in/archives/zip-of.ts';
import { bytesOf } from '../../activities/sources/archive/served-archive.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { law } from '../law.ts';

const never = new AbortController().signal;
const PATH = 'images1024x1024/00000/00007.png';
const version = { size: 0, etag: '"1"', date: '' };

const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(PATH, '00007.png', 'images1024x1024/00007.png', '00000/00008.png'),
  },
  fc.constantFrom(
    '../00007.png',
    '/00007.png',
    'a\\..\\00007.png',
    'C:\\00007.png',
    '00007.png/',
    '\0/00007.png',
    '',
  ),
  fc.string({ minLength: 95, maxLength: 300 }).map((front) => `${front}/00007.png`),
  hostileText,
);
const number = fc.constantFrom(0, 1, 22, 30, 46, 512, 0x7fff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff);

/** A number of a record is another one. */
const lie = fc.record({
  record: fc.constantFrom(
    'PK\u0001\u0002',
    'PK\u0003\u0004',
    'PK\u0005\u0006',
    'PK\u0006\u0006',
    'PK\u0006\u0007',
  ),
  nth: fc.nat(3),
  at: fc.integer({ min: 4, max: 54 }),
  bytes: fc.constantFrom(2, 4),
  value: number,
});

const member = fc.record({
  name,
  size: fc.constantFrom(0, 1, 511, 512, 513, 2_000, 70_000),
  method: fc.constantFrom(0, 0, 8, 8, 9, 99),
  flags: fc.constantFrom(0, 0, 0, 1, 8, 0x40),
  said: fc.option(number, { nil: undefined }),
  extra: fc.nat(300),
  type: fc.constantFrom('0', '0', '0', '\0', '1', '2', '5', 'g', 'x', 'L', 'K', 'S', 'Z'),
  long: fc.constantFrom('pax' as const, 'gnu' as const),
  fields: fc.dictionary(
    fc.constantFrom('size', 'path', 'GNU.sparse.map', 'comment'),
    fc.oneof(hostileText, number.map(String)),
    {
      maxKeys: 2,
    },
  ),
});

const archive = fc.record({
  members: fc.array(member, { maxLength: 6 }),
  zip64: fc.boolean(),
  sizesBehind: fc.boolean(),
  comment: fc.string({ maxLength: 60 }),
  lies: fc.array(lie, { maxLength: 3 }),
  bytes: hostileBytes(3),
  piece: fc.integer({ min: 1, max: 5_000 }),
  range: fc.record({ offset: fc.nat(600), length: fc.nat(70_000) }),
});
type HostileArchive = typeof archive extends fc.Arbitrary<infer Value> ? Value : never;

/** Whatever a zip says: a member's bytes and no more, or a failure in one line. */
export const zips = law('zips', 150, archive, async (one) => {
  const members = one.members.map(({ size, said, extra, type: _, ...rest }) => {
    const raw = Buffer.alloc(size, 'picture ');
    const packed = rest.method === 8 ? deflateRawSync(raw) : raw;
    return { ...rest, ...partOfBytes(packed), unpacked: said ?? size, localExtra: new Uint8Array(extra) };
  });
  const { zip64, sizesBehind } = one;
  const whole = await bytesOf(zipOf(members, { name: 'a' }, { zip64, sizesBehind, comment: one.comment }));
  await tryArchive('zip', spoilt(one.lies.reduce(lied, whole), one.bytes), one);
});

/** The same of a tar. */
export const tars = law('tars', 150, archive, async (one) => {
  const members = one.members.map(({ size, type, long, fields, ...rest }) => {
    return { name: rest.name, type, long, fields, ...partOfBytes(Buffer.alloc(size, 'picture ')) };
  });
  await tryArchive('tar', spoilt(await bytesOf(tarOf(members, { name: 'a' })), one.bytes), one);
});

/** Whatever lies in the place of an index: its members, all within the archive, or none. */
export const tarIndexes = law(
  'tar-indexes',
  100,
  fc.tuple(hostileBytes(3), fc.nat(40)),
  async ([bytes, count], { store }) => {
    const access = { place: '/a.tar', name: 'a.tar' } as Access;
    const table = new MemberTable();
    for (let at = 0; at < count; at++)
      table.add(Buffer.from(`${at}.png`), { offset: 512 * at, size: at, packed: at, method: 0, head: 0 });
    const of = { size: 512 * 50, etag: '', date: '' };
    const file = new TarIndexFile(store, access, of);
    await file.write({ version: of, table, at: 512 * count, headers: count }, true);
    const [path = ''] = readdirSync(join(store, 'archives')).map((each) => join(store, 'archives', each));
    writeFileSync(path, spoilt(readFileSync(path), bytes));
    const { progress, isWhole } = await file.read(of);
    if (isWhole && progress.table.count !== count)
      throw new Error(`index: expected ${count} members or none, got ${progress.table.count}`);
  },
);

function lied(
  bytes: Buffer,
  { record, nth, at, bytes: width, value }: HostileArchive['lies'][number],
): Buffer {
  let place = -1;
  for (let n = 0; n <= nth; n++) place = bytes.indexOf(record, place + 1, 'latin1');
  if (place === -1 || place + at + width > bytes.length) return bytes;
  if (width === 2) bytes.writeUInt16LE(value & 0xffff, place + at);
  else bytes.writeUInt32LE(value, place + at);
  return bytes;
}

async function tryArchive(
  form: 'zip' | 'tar',
  bytes: Buffer,
  { piece, range }: HostileArchive,
): Promise<void> {
  const access = accessOf(bytes, piece);
  const opened = await new ArchiveShelf().open(form, access, never);
  if (opened.status === 'failed') return expectLine(opened.failure);
  const picked = pickMember(opened.table, access.name, { path: PATH });
  if (picked.status !== 'found') return;
  const found = opened.table.at(picked.index);
  const refused = refusalOf(access, found);
  if (refused !== undefined) return expectLine(refused.failure);
  const part = {
    from: Math.min(range.offset, found.size),
    end: Math.min(range.offset + range.length, found.size),
  };
  if (part.end <= part.from) return;
  const body = await told(access, () =>
    form === 'zip'
      ? openZipMember(access, opened, found, part, never)
      : openTarMember(access, opened.version, found, part, never),
  );
  if (body.status === 'failed') return expectLine(body.failure);
  let came = 0;
  try {
    for await (const each of body.body) came += each.length;
  } catch (error) {
    if (!(error instanceof SourceBodyError)) throw error;
    return expectLine(error.failure);
  }
  if (came !== part.end - part.from)
    throw new Error(`body: expected ${part.end - part.from} bytes, got ${came}`);
}

function expectLine({ detail, reason }: SourceFailure): void {
  if (reason !== 'bad-archive') throw new Error(`reason: expected bad-archive, got ${reason}: ${detail}`);
  if (!/^[^\p{C}]{1,300}$/u.test(detail)) throw new Error('detail: expected a line, got another');
}

/** An archive in memory, which comes in pieces of any length; what is asked for lies within it. */
function accessOf(bytes: Buffer, piece: number): Access {
  const now = { ...version, size: bytes.length };
  return {
    place: '/all',
    name: 'all',
    look: async () => ({ status: 'seen', version: now }),
    read: async ({ offset, end }) => {
      if (offset < 0 || end > bytes.length || offset >= end)
        throw new Error(`read: expected a range within ${bytes.length} bytes, got ${offset}-${end}`);
      return {
        status: 'opened',
        body: (async function* () {
          for (let at = offset; at < end; at += piece) yield bytes.subarray(at, Math.min(end, at + piece));
        })(),
      };
    },
  };
}
