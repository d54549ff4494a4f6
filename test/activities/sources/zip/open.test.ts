import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { type ZipMember, type ZipOptions, zipOf } from '../../../../src/stand-in/archives/zip-of.ts';
import { bytesOf, serving, specOf } from '../archive/served-archive.ts';
import { named, never, pseudoRandomBytes } from '../reading.ts';

const pictures = [0, 1, 2].map((id) => pseudoRandomBytes(100_000 + id, id));
const label = { name: 'all.zip' };

/** Pictures 0, 1 and 2; of the one that is named here something else holds. */
function zip(change: Partial<ZipMember> = {}, options: ZipOptions = {}) {
  const members = pictures.map((bytes, id) => ({
    name: `images1024x1024/00000/0000${id}.png`,
    ...partOfBytes(bytes),
    ...(id === 1 ? change : {}),
  }));
  return zipOf(members, label, options);
}

describe('members of a remote zip', () => {
  const kinds: [string, Partial<ZipMember>, ZipOptions][] = [
    ['stored', {}, {}],
    ['with sizes of 64 bits', {}, { zip64: true }],
    ['with sizes behind the bytes', {}, { sizesBehind: true }],
    ['behind a header that is longer than the directory knows', { localExtra: Buffer.alloc(2_000) }, {}],
    ['with a comment that looks like another end', {}, { comment: 'PK\u0005\u0006'.padEnd(40, '\0') }],
  ];
  test.each(kinds)('%s come byte by byte, whole and in part', async (_, change, options) => {
    const { get } = await serving('zip', zip(change, options));
    for (const [id, bytes] of pictures.entries())
      expect(named((await get(id, bytes.length)).bytes)).toBe(named(bytes));
    const [, one = new Uint8Array()] = pictures;
    for (const [offset, end] of [
      [10, 20],
      [90_000, undefined],
    ] as const) {
      const range = end === undefined ? { offset } : { offset, end };
      expect(named((await get(1, one.length, range)).bytes)).toBe(named(one.subarray(offset, end)));
    }
  });

  test('are asked for once each, header and bytes together, and its directory once', async () => {
    const { get, standIn } = await serving('zip', zip());
    await Promise.all([0, 1, 2].map((id) => get(id)));
    const ranges = standIn.requests.map(({ range }) => range);
    // What is there; its end, which holds the directory of so few; three members.
    expect(ranges.length).toBe(5);
    expect(ranges[0]).toBe('bytes=0-0');
    const sent = standIn.requests.slice(2).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeLessThan(300_003 + 3 * 200);
    // Each answer was read to its end: all came by connections that are used again.
    expect(standIn.requests.every(({ finished }) => finished)).toBe(true);
  });

  test('that are deflated are inflated, in part too', async () => {
    const text = Buffer.from('to be compressed '.repeat(10_000));
    const packed = partOfBytes(deflateRawSync(text));
    const { get } = await serving('zip', zip({ ...packed, method: 8, unpacked: text.length }));
    expect(named((await get(1, text.length)).bytes)).toBe(named(text));
    const part = await get(1, text.length, { offset: 100_000, end: 100_010 });
    expect([part.from, part.bytes.toString()]).toEqual([100_000, text.subarray(100_000, 100_010).toString()]);
  });

  test('of a server without ranges are not there to be had', async () => {
    const { get } = await serving('zip', zip(), { behaviour: { kind: 'ignore-range' } });
    const { failure } = await get(1);
    expect(failure).toMatchObject({ reason: 'bad-archive' });
    expect(failure?.detail).toContain('a server that gives byte ranges');
  });

  test('of an archive that was replaced are a clear failure once, and then those of the new one', async () => {
    const { get, replace } = await serving('zip', zip());
    expect((await get(1)).bytes.length).toBe(100_001);
    replace(zip({ name: 'images1024x1024/00000/00009.png' }));
    expect((await get(1)).failure?.reason).toBe('archive-changed');
    expect((await get(1)).failure?.reason).toBe('missing');
    expect((await get(9)).bytes.length).toBe(100_001);
    // The same bytes under another ETag are another archive as far as anybody knows; under none the size must do.
    replace(zip({}, { comment: 'longer' }), '');
    expect((await get(9)).failure?.reason).toBe('archive-changed');
    expect((await get(1)).bytes.length).toBe(100_001);
  });

  test('of an archive that was replaced in the middle of a body fail that body alone', async () => {
    const { source, get, replace } = await serving('zip', zip({ localExtra: Buffer.alloc(2_000) }));
    const opened = await source.open(specOf(1), { offset: 0 }, never);
    if (opened.status === 'failed') throw new Error(opened.failure.detail);
    // What the long header has pushed out of the first answer is asked for while the body is read.
    replace(zip());
    const read = async () => {
      for await (const _ of opened.body);
    };
    await expect(read()).rejects.toMatchObject({ failure: { reason: 'archive-changed' } });
    expect((await get(2)).bytes.length).toBe(100_002);
  });
});

describe('a zip that lies, or is damaged, is told as that', () => {
  const at = (bytes: Buffer, mark: string, nth = 0) => {
    let place = -1;
    for (let i = 0; i <= nth; i++) place = bytes.indexOf(mark, place + 1, 'latin1');
    return place;
  };
  const ENTRY = 'PK\u0001\u0002';
  const END = 'PK\u0005\u0006';
  const END64 = 'PK\u0006\u0006';
  const bomb = deflateRawSync(Buffer.alloc(50_000_000));
  const cases: [string, RegExp, (bytes: Buffer) => Buffer | undefined, ZipOptions?, Partial<ZipMember>?][] = [
    ['is no zip', /the end of one/, () => Buffer.alloc(5_000, 'x')],
    ['is cut off', /the end of one/, (bytes) => bytes.subarray(0, bytes.length - 30)],
    ['is cut off in front', /agrees|place|before|member|says/, (bytes) => bytes.subarray(2_000)],
    [
      'has a directory of fewer members than it says',
      /a directory of 2 members, got more/,
      (bytes) => {
        bytes.writeUInt16LE(2, at(bytes, END) + 8);
        bytes.writeUInt16LE(2, at(bytes, END) + 10);
        return undefined;
      },
    ],
    [
      'has a directory of more members than it has',
      /a directory of 9 members, got one of 3/,
      (bytes) => {
        bytes.writeUInt16LE(9, at(bytes, END) + 8);
        bytes.writeUInt16LE(9, at(bytes, END) + 10);
        return undefined;
      },
    ],
    [
      'has a damaged directory',
      /member 1 of the directory/,
      (bytes) => {
        bytes.write('XX', at(bytes, ENTRY, 1));
        return undefined;
      },
    ],
    [
      'has a directory that reaches behind its end',
      /a directory before/,
      (bytes) => {
        bytes.writeUInt32LE(0x7fffffff, at(bytes, END) + 12);
        return undefined;
      },
    ],
    [
      'is of several parts',
      /in one part/,
      (bytes) => {
        bytes.writeUInt16LE(3, at(bytes, END) + 4);
        return undefined;
      },
    ],
    [
      'has two members at one place',
      /one member at each place/,
      (bytes) => {
        bytes.writeUInt32LE(0, at(bytes, ENTRY, 2) + 42);
        return undefined;
      },
    ],
    [
      'has members that overlap',
      /members beside each other/,
      (bytes) => {
        bytes.writeUInt32LE(100_002 + 300, at(bytes, ENTRY) + 20);
        bytes.writeUInt32LE(100_002 + 300, at(bytes, ENTRY) + 24);
        return undefined;
      },
    ],
    [
      'has a zip64 record at no place there is',
      /within the archive|zip64 record/,
      (bytes) => {
        bytes.writeBigUInt64LE(2n ** 63n, at(bytes, 'PK\u0006\u0007') + 8);
        return undefined;
      },
      { zip64: true },
    ],
    [
      'has a zip64 record with more members than any',
      /at most|within/,
      (bytes) => {
        bytes.writeBigUInt64LE(2n ** 40n, at(bytes, END64) + 24);
        bytes.writeBigUInt64LE(2n ** 40n, at(bytes, END64) + 32);
        return undefined;
      },
      { zip64: true },
    ],
    [
      'has a zip64 record that says another than its end',
      /agrees with the end/,
      (bytes) => {
        bytes.writeUInt16LE(7, at(bytes, END) + 8);
        bytes.writeUInt16LE(7, at(bytes, END) + 10);
        return undefined;
      },
      { zip64: true },
    ],
    [
      'leaves out sizes of 64 bits',
      /sizes of 64 bits/,
      (bytes) => {
        bytes.writeUInt32LE(0xffffffff, at(bytes, ENTRY) + 20);
        return undefined;
      },
    ],
    ['has an encrypted member', /an encrypted one/, () => undefined, {}, { flags: 1 }],
    ['has a member of an unknown method', /method 93/, () => undefined, {}, { method: 93 }],
    [
      'has a link as the member',
      /a link or something else/,
      (bytes) => {
        bytes.writeUInt32LE(0o120777 * 2 ** 16, at(bytes, ENTRY, 1) + 38);
        return undefined;
      },
    ],
    [
      'says a stored member is larger than it lies there',
      /a stored member of/,
      () => undefined,
      {},
      { unpacked: 5_000 },
    ],
    [
      'has no header where the directory says',
      /where the directory says/,
      (bytes) => {
        bytes.write('XX', at(bytes, 'PK\u0003\u0004', 1));
        return undefined;
      },
    ],
    [
      'has a header that says another size',
      /as large as the directory says/,
      (bytes) => {
        bytes.writeUInt32LE(5, at(bytes, 'PK\u0003\u0004', 1) + 18);
        return undefined;
      },
    ],
    [
      'has a bomb, of which its directory says that it is small',
      /a member of 100000 bytes, got more/,
      () => undefined,
      {},
      {
        ...partOfBytes(bomb),
        ...{ method: 8, unpacked: 100_000 },
      },
    ],
    [
      'packs a small member in far more bytes than it needs',
      /a deflated member of 9000 bytes in 74541 at most, got/,
      () => undefined,
      {},
      {
        // Empty blocks: a terabyte of them unpacks to nothing.
        ...partOfBytes(
          Buffer.concat([
            Buffer.alloc(75_000, Buffer.from([0, 0, 0, 0xff, 0xff])),
            deflateRawSync(Buffer.alloc(9_000, 'y')),
          ]),
        ),
        ...{ method: 8, unpacked: 9_000 },
      },
    ],
    ['has a deflated member that is none', /a deflated member/, () => undefined, {}, { method: 8 }],
    [
      'has a deflated member that breaks off',
      /a deflated member|bytes, got/,
      () => undefined,
      {},
      {
        ...partOfBytes(deflateRawSync(Buffer.alloc(9_000, 'y')).subarray(0, 10)),
        ...{ method: 8, unpacked: 9_000 },
      },
    ],
    [
      'has a deflated member with bytes behind it',
      /ends before its bytes/,
      () => undefined,
      {},
      {
        ...partOfBytes(Buffer.concat([deflateRawSync(Buffer.alloc(9_000, 'y')), Buffer.alloc(40_000)])),
        ...{ method: 8, unpacked: 9_000 },
      },
    ],
    [
      'has a name that climbs',
      /within the archive/,
      () => undefined,
      {},
      { name: '../../images1024x1024/00001.png' },
    ],
    [
      'has two members that fit',
      /one member that fits/,
      () => undefined,
      {},
      { name: 'x/images1024x1024/00000/00002.png' },
    ],
  ];
  test.each(cases)(
    'a zip that %s is told as what it is',
    async (what, said, change, options = {}, member = {}) => {
      const bytes = await bytesOf(zip(member, options));
      const { get } = await serving('zip', change(bytes) ?? bytes);
      const { failure, bytes: came } = await get(what.endsWith('that fit') ? 2 : 1);
      expect(failure?.reason).toBe('bad-archive');
      expect(failure?.detail).toMatch(said);
      expect(came.length).toBeLessThanOrEqual(100_001);
    },
  );
});
