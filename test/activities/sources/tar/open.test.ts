import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { partOfBytes } from '../../../../src/stand-in/archives/joined-file.ts';
import { type TarMember, tarOf } from '../../../../src/stand-in/archives/tar-of.ts';
import { bytesOf, serving, specOf } from '../archive/served-archive.ts';
import { named, outcomeOf, pseudoRandomBytes } from '../reading.ts';

const SIZE = 200_000;
const pictures = Array.from({ length: 6 }, (_, id) => pseudoRandomBytes(SIZE + id, id));
const label = { name: 'all.tar' };

/** Six pictures; of the one with number 1 something else holds. */
function tar(change: Partial<TarMember> = {}, front = 'images1024x1024/00000') {
  const folder = { name: 'images1024x1024/', type: '5', ...partOfBytes(new Uint8Array()) };
  const members = pictures.map((bytes, id) => ({
    name: `${front}/0000${id}.png`,
    ...partOfBytes(bytes),
    ...(id === 1 ? change : {}),
  }));
  return tarOf([folder, ...members], label);
}

function cacheFolder() {
  const cacheDir = mkdtempSync(join(tmpdir(), 'ffhq-tar-'));
  onTestFinished(() => rmSync(cacheDir, { recursive: true }));
  const indexes = () =>
    readdirSync(join(cacheDir, 'archives')).map((name) => join(cacheDir, 'archives', name));
  return { cacheDir, indexes };
}

describe('members of a remote tar', () => {
  const long = `${'a'.repeat(120)}/images1024x1024/00000/00001.png`;
  const kinds: [string, Partial<TarMember>][] = [
    ['as they are', {}],
    ['with a long name by pax', { name: long }],
    ['with a long name by GNU', { name: long, long: 'gnu' }],
    [
      'with their size in a pax field',
      { fields: { size: String(SIZE + 1), mtime: '1.5', 'SCHILY.xattr.x': 'ü' } },
    ],
  ];
  test.each(kinds)('%s come byte by byte, whole and in part', async (_, change) => {
    const { get } = await serving('tar', tar(change));
    for (const [id, bytes] of pictures.entries())
      expect(named((await get(id, bytes.length)).bytes)).toBe(named(bytes));
    const part = await get(1, SIZE + 1, { offset: 150_000, end: 150_100 });
    expect(named(part.bytes)).toBe(named(pictures[1]?.subarray(150_000, 150_100) ?? new Uint8Array()));
  });

  test('are stepped over while headers are read, and asked for once each then', async () => {
    const { get, standIn } = await serving('tar', tar());
    await Promise.all(pictures.map((_, id) => get(id)));
    const sent = standIn.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeLessThan(6 * SIZE + 6 * 5_000);
    expect(standIn.requests.length).toBeLessThanOrEqual(1 + 7 + 6);
  });

  test('that are small are read past together: a thousand headers cost a few requests', async () => {
    const members = Array.from({ length: 1_000 }, (_, id) => ({
      name: `images1024x1024/${String(id).padStart(5, '0')}.png`,
      ...partOfBytes(new Uint8Array(900).fill(id)),
    }));
    const { get, standIn } = await serving('tar', tarOf(members, label));
    expect((await get(999, 900)).bytes.equals(Buffer.alloc(900, 999 % 256))).toBe(true);
    expect(standIn.requests.length).toBeLessThan(8);
  });

  test('of an archive that was replaced are a clear failure once, and then those of the new one', async () => {
    const { get, replace } = await serving('tar', tar());
    expect((await get(1)).bytes.length).toBe(SIZE + 1);
    replace(tar({ name: 'images1024x1024/00000/00009.png' }));
    expect((await get(1)).failure?.reason).toBe('archive-changed');
    expect((await get(1)).failure?.reason).toBe('missing');
    expect((await get(9)).bytes.length).toBe(SIZE + 1);
  });
});

describe('the index of a tar', () => {
  test('is kept: another process reads no header', async () => {
    const { cacheDir, indexes } = cacheFolder();
    const { get, anew, standIn } = await serving('tar', tar(), { cacheDir });
    await get(1);
    expect(indexes().length).toBe(1);
    const before = standIn.requests.length;
    const outcome = await outcomeOf(anew(), specOf(3, SIZE + 3));
    expect(named(outcome.bytes)).toBe(named(pictures[3] ?? new Uint8Array()));
    // What is there, and the member.
    expect(standIn.requests.length - before).toBe(2);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['is cut off', (bytes) => bytes.subarray(0, bytes.length >> 1)],
    ['is empty', () => Buffer.alloc(0)],
    [
      'has a flipped bit',
      (bytes) => {
        bytes.writeUInt8((bytes[100] ?? 0) ^ 1, 100);
        return bytes;
      },
    ],
    ['is of another program', () => Buffer.from('{}\n'.repeat(100))],
  ])('is made anew where what is kept %s', async (_, spoil) => {
    const { cacheDir, indexes } = cacheFolder();
    const { get, anew } = await serving('tar', tar(), { cacheDir });
    await get(1);
    const [index = ''] = indexes();
    const whole = readFileSync(index);
    writeFileSync(index, spoil(Buffer.from(whole)));
    expect((await outcomeOf(anew(), specOf(3))).bytes.length).toBe(SIZE + 3);
    expect(readFileSync(index).equals(whole)).toBe(true);
  });

  test('is not believed where another user could have written it, nor where it says what no archive may', async () => {
    const { cacheDir, indexes } = cacheFolder();
    const { get, anew, standIn } = await serving('tar', tar(), { cacheDir });
    await get(1);
    const [index = ''] = indexes();
    const whole = readFileSync(index, 'latin1');
    const asksAgain = async () => {
      const before = standIn.requests.length;
      expect((await outcomeOf(anew(), specOf(3))).bytes.length).toBe(SIZE + 3);
      return standIn.requests.length - before > 2;
    };
    expect(await asksAgain()).toBe(false);
    chmodSync(index, 0o666);
    expect(await asksAgain()).toBe(true);
    // It was made anew.
    expect(await asksAgain()).toBe(false);
    chmodSync(dirname(index), 0o777);
    expect(await asksAgain()).toBe(true);
    chmodSync(dirname(index), 0o700);
    const [head = '', ...lines] = whole.split('\n').slice(0, -2);
    const behindTheEnd = head.replace(/whole \d+ (\d+)$/, 'begun 999999999 $1');
    const many = Array.from({ length: 3_000 }, () => lines.at(-1) ?? '');
    for (const text of [`${behindTheEnd}\n`, `${[head, ...many].join('\n')}\n`]) {
      const digest = createHash('sha256').update(text, 'latin1').digest('hex');
      writeFileSync(index, `${text}${digest}\n`, 'latin1');
      expect(await asksAgain(), text.slice(0, 200)).toBe(true);
    }
  });

  test('that one worker began is gone on with by another one, and by whoever waited for it', async () => {
    const { cacheDir, indexes } = cacheFolder();
    const { source, anew, standIn } = await serving('tar', tar(), { cacheDir });
    standIn.behave('archive', { kind: 'stall', afterBytes: 0, from: 5, times: 1 });
    const first = new AbortController();
    const asked = outcomeOf(source, specOf(5), { offset: 0 }, first.signal);
    const waiting = outcomeOf(source, specOf(4));
    await expect.poll(() => standIn.requests.length).toBe(5);
    first.abort(new Error('drained'));
    await expect(asked).rejects.toThrow('drained');
    expect((await waiting).bytes.length).toBe(SIZE + 4);
    const ofHeaders = standIn.requests.filter(({ bytesSent }) => bytesSent > 1 && bytesSent <= 4_096);
    // None was read twice: the folder's and the first three pictures' before, the others' after it.
    expect(new Set(ofHeaders.map(({ range }) => range)).size).toBe(ofHeaders.length);
    expect(indexes().length).toBe(1);
    expect((await outcomeOf(anew(), specOf(5))).bytes.length).toBe(SIZE + 5);
  });
});

describe('a tar that nothing but its size tells from another one', () => {
  const ids = [0, 1, 2, 3];
  /** The same pictures in any order: archives of one size. */
  const inOrder = (order: readonly number[]) =>
    tarOf(
      order.map((id) => ({
        name: `images1024x1024/0000${id}.png`,
        ...partOfBytes(pseudoRandomBytes(SIZE, id)),
      })),
      label,
    );
  const digest = (id: number) => named(pseudoRandomBytes(SIZE, id));

  test('leaves no index on the disk: another process reads what lies there now', async () => {
    const { cacheDir } = cacheFolder();
    const { get, anew, replace } = await serving('tar', inOrder(ids), { cacheDir });
    replace(inOrder(ids), '');
    expect(named((await get(1, SIZE)).bytes)).toBe(digest(1));
    expect(readdirSync(cacheDir)).toEqual([]);
    replace(inOrder([...ids].reverse()), '');
    expect(named((await outcomeOf(anew(), specOf(1, SIZE))).bytes)).toBe(digest(1));
  });

  test('is read again once a member of it was wrong', async () => {
    const { source, get, replace } = await serving('tar', inOrder(ids));
    replace(inOrder(ids), '');
    await get(1, SIZE);
    replace(inOrder([...ids].reverse()), '');
    expect(named((await get(1, SIZE)).bytes)).toBe(digest(2));
    source.judged?.(specOf(1, SIZE), 'wrong');
    expect((await get(1, SIZE)).failure?.reason).toBe('archive-changed');
    for (const id of ids) expect(named((await get(id, SIZE)).bytes)).toBe(digest(id));
  });

  test('is not read again for a member that is rotten where it lies', async () => {
    const { source, get, replace, standIn } = await serving('tar', inOrder(ids));
    replace(inOrder(ids), '');
    await get(1, SIZE);
    source.judged?.(specOf(1, SIZE), 'wrong');
    const before = standIn.requests.length;
    expect((await get(1, SIZE)).bytes.length).toBe(SIZE);
    // Its header, and its bytes.
    expect(standIn.requests.length - before).toBe(2);
  });
});

describe('a tar that lies, or is damaged, is told as that', () => {
  const sum = (bytes: Buffer, at: number) => {
    bytes.fill(' ', at + 148, at + 156);
    const total = bytes.subarray(at, at + 512).reduce((all, byte) => all + byte, 0);
    bytes.write(`${total.toString(8).padStart(6, '0')}\0 `, at + 148);
  };
  /** Of picture 0: behind the folder's. */
  const HEADER = 512;
  const cases: [string, RegExp, (bytes: Buffer) => Buffer | undefined, Partial<TarMember>?][] = [
    ['is none', /no tar/, () => Buffer.alloc(5_000, 'x')],
    ['is cut off', /ends before/, (bytes) => bytes.subarray(0, 300_000)],
    [
      'has a damaged header',
      /the header of a member/,
      (bytes) => {
        bytes.write('zz', HEADER + 20);
        return undefined;
      },
    ],
    [
      'has a member that reaches behind its end',
      /ends before/,
      (bytes) => {
        bytes.write('77777777777\0', HEADER + 124);
        sum(bytes, HEADER);
        return undefined;
      },
    ],
    [
      'has a member of a size that no file has',
      /a number that no file has/,
      (bytes) => {
        bytes.fill(0xff, HEADER + 124, HEADER + 136);
        sum(bytes, HEADER);
        return undefined;
      },
    ],
    [
      'has a size that is no number',
      /octal digits/,
      (bytes) => {
        bytes.write('0000000099\0', HEADER + 124);
        sum(bytes, HEADER);
        return undefined;
      },
    ],
    [
      'has a sparse member',
      /sparse/,
      (bytes) => {
        bytes.write('S', HEADER + 156);
        sum(bytes, HEADER);
        return undefined;
      },
    ],
    [
      'has pax fields that are none',
      /pax fields/,
      (bytes) => {
        bytes.write('99', bytes.indexOf('9 abc=de'));
        return undefined;
      },
      { fields: { abc: 'de' } },
    ],
    [
      'has a size in a pax field that is none',
      /a size in a pax field/,
      () => undefined,
      { fields: { size: '1e9' } },
    ],
    [
      'has a member that is sparse by its pax fields',
      /a link or something else/,
      () => undefined,
      { fields: { 'GNU.sparse.major': '1' } },
    ],
    [
      'has a name that climbs',
      /within the archive/,
      () => undefined,
      { name: '../../images1024x1024/00001.png' },
    ],
  ];
  test.each(cases)('a tar that %s is told as what it is', async (_, said, change, member = {}) => {
    const bytes = await bytesOf(tar(member));
    const { get } = await serving('tar', change(bytes) ?? bytes);
    const { failure } = await get(1);
    expect(failure?.reason).toBe('bad-archive');
    expect(failure?.detail).toMatch(said);
  });

  test.each(['1', '2', '3', '6'])(
    'a link or a device (%s) is no member, and nothing follows it',
    async (type) => {
      const link = { name: 'images1024x1024/00009.png', type, ...partOfBytes(new Uint8Array()) };
      const last = { name: 'images1024x1024/00001.png', ...partOfBytes(new Uint8Array([1, 2])) };
      const { get } = await serving('tar', tarOf([link, last], label));
      expect((await get(9)).failure?.reason).toBe('missing');
      expect([...(await get(1)).bytes]).toEqual([1, 2]);
    },
  );

  test('a name that no path may have is no member, however many there are', async () => {
    const long = (nth: number): TarMember => ({
      name: `${'d'.repeat(1_000_000)}/${nth}.png`,
      long: 'gnu',
      ...partOfBytes(new Uint8Array()),
    });
    const last = { name: 'images1024x1024/00001.png', ...partOfBytes(new Uint8Array([1, 2])) };
    const many = Array.from({ length: 200 }, (_, nth) => long(nth));
    const { get } = await serving('tar', tarOf([...many, last], label));
    const before = process.memoryUsage().arrayBuffers;
    expect([...(await get(1)).bytes]).toEqual([1, 2]);
    // Were they kept, they would take 200 MB and more.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  });
});
