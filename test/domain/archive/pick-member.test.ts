import { describe, expect, test } from 'vitest';
import { BadArchiveError } from '../../../src/domain/archive/bad-archive.ts';
import { MemberTable } from '../../../src/domain/archive/member-table.ts';
import { mayHold, pickMember } from '../../../src/domain/archive/pick-member.ts';

const wanted = { path: 'images1024x1024/00000/00007.png', size: 70 };

type ListedMember = string | readonly [name: string, size: number];

/** Members in the order given, each of 70 bytes where nothing else is said. */
function tableOf(...members: readonly ListedMember[]): MemberTable {
  const table = new MemberTable();
  members.forEach((member, at) => {
    const [name, size] = typeof member === 'string' ? [member, 70] : member;
    table.add(Buffer.from(name), { offset: 1000 * at, size, packed: size, method: 0, head: 30 });
  });
  return table;
}

const picked = (archive: string, ...members: readonly ListedMember[]) => {
  const found = pickMember(tableOf(...members), archive, wanted);
  return found.status === 'found' ? found.name : found.status === 'refused' ? found.problem : found.status;
};

describe('a file is found by its base name, whatever folders stand in front', () => {
  test.each([
    ['in its very place', 'images1024x1024/00000/00007.png'],
    ['without thousand-folders', 'images1024x1024/00007.png'],
    ['below other folders', './ffhq/v2/images1024x1024/00007.png'],
    ['in a flat archive', '00007.png'],
    ['in thousand-folders alone', '00000/00007.png'],
    ['by backslashes, as Windows writes them', 'ffhq\\images1024x1024\\00007.png'],
  ])('%s', (_, name) => {
    expect(picked('all.zip', 'images1024x1024/00000/00006.png', name, 'x/00008.png')).toBe(name);
  });

  test('a folder of another kind is passed over, and so is an archive of one', () => {
    const others = ['thumbnails128x128/00000/00007.png', 'in-the-wild-images/00007.png'];
    expect(picked('all.zip', ...others)).toBe('missing');
    expect(picked('all.zip', ...others, 'images1024x1024/00007.png')).toBe('images1024x1024/00007.png');
    expect(picked('thumbnails128x128.zip', '00007.png')).toBe('missing');
    expect(picked('images1024x1024.zip', '00007.png')).toBe('00007.png');
    expect(mayHold('thumbnails128x128.zip', wanted.path)).toBe(false);
    expect(mayHold('thumbnails128x128-and-images.zip', wanted.path)).toBe(true);
  });

  test('of several the one of its folder goes first, then the one of its path, then the one of its size', () => {
    expect(picked('all.zip', '00007.png', 'images1024x1024/00007.png')).toBe('images1024x1024/00007.png');
    expect(picked('all.zip', 'a/images1024x1024/00007.png', 'b/images1024x1024/00000/00007.png')).toBe(
      'b/images1024x1024/00000/00007.png',
    );
    expect(picked('all.zip', ['a/00007.png', 7], 'b/00007.png')).toBe('b/00007.png');
  });

  test('two that fit are refused by their names', () => {
    expect(picked('all.zip', 'a/00007.png', 'b/00007.png')).toBe(
      'expected one member that fits, got b/00007.png and a/00007.png',
    );
  });

  test.each([
    '../images1024x1024/00007.png',
    '/images1024x1024/00007.png',
    'a\\..\\..\\00007.png',
    'C:00007.png',
  ])('a name that climbs is refused: %s', (name) => {
    const said = picked('all.zip', name);
    if (name !== 'C:00007.png') expect(said).toBe(`expected a member within the archive, got ${name}`);
    else expect(said).toBe('missing');
    expect(picked('all.zip', name, 'images1024x1024/00007.png')).toBe('images1024x1024/00007.png');
  });

  test('another ending is found where it is asked for, the dearest first', () => {
    const table = tableOf('00007.webp', ['00007.jpg', 5]);
    expect(pickMember(table, '00000.tar', wanted)).toEqual({ status: 'missing' });
    const endings = ['.png', '.webp'];
    expect(pickMember(table, '00000.tar', { ...wanted, endings })).toMatchObject({ name: '00007.webp' });
  });
});

describe('a table of members', () => {
  test('of 70,000 takes less than 12 MB, and finds each', () => {
    const table = new MemberTable();
    const name = (at: number) =>
      `ffhq/images1024x1024/${String(at - (at % 1000)).padStart(5, '0')}/${at}.png`;
    for (let at = 0; at < 70_000; at++)
      table.add(Buffer.from(name(at)), { offset: at * 2e6, size: at, packed: at, method: 0, head: 70 });
    for (let at = 0; at < 70_000; at += 997) {
      const [index = -1, ...more] = table.find(`${at}.png`);
      expect([table.at(index).size, more]).toEqual([at, []]);
      expect(Buffer.from(table.nameAt(index)).toString()).toBe(name(at));
    }
    expect(table.find('70000.png')).toEqual([]);
    expect(table.bytes).toBeLessThan(12 * 1024 ** 2);
  });

  test('of thousands of the same name is refused, and a few of them are as many as anybody needs', () => {
    const of = (count: number) => tableOf(...Array.from({ length: count }, (_, at) => `${at}/same.png`));
    expect(of(1_000).find('same.png').length).toBe(64);
    expect(() => of(2_001).find('same.png')).toThrow(BadArchiveError);
  });
});
