import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  folderOf,
  formatIds,
  formatImageId,
  type ImageId,
  MAX_IMAGE_ID,
  parseIds,
  parseImageId,
  parseMd5,
  parseUnorderedIds,
} from '../../../src/domain/dataset/ids.ts';

const id = fc.integer({ min: 0, max: MAX_IMAGE_ID }) as fc.Arbitrary<ImageId>;
const ascending = fc.uniqueArray(id, { maxLength: 200 }).map((ids) => ids.sort((a, b) => a - b));

test('ids come back from their text as they went in', () => {
  fc.assert(
    fc.property(ascending, (ids) => {
      expect(parseIds(formatIds(ids))).toEqual(ids);
    }),
  );
  expect(formatIds([42, 43, 44, 80] as ImageId[])).toBe('42-44,80');
  expect(parseIds('')).toEqual([]);
});

test('ids and ranges in any order, overlapping or not, are each id once', () => {
  const range = fc.tuple(id, fc.nat(300)).map(([from, more]) => [from, Math.min(from + more, MAX_IMAGE_ID)]);
  fc.assert(
    fc.property(fc.array(range as fc.Arbitrary<[number, number]>, { maxLength: 40 }), (ranges) => {
      const all = new Set<number>();
      for (const [from, to] of ranges) for (let each = from; each <= to; each++) all.add(each);
      const text = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
      expect(parseUnorderedIds(text)).toEqual([...all].sort((a, b) => a - b));
    }),
  );
  expect(() => parseUnorderedIds(['1', '3-1'])).toThrow('ids [part=3-1]');
});

test.each(['5,4', '4,4', '1-', '-1', '3-1', 'x', '00', '1,,2', '100000', '0-100000', ' 1'])(
  'text that is no ascending ids is refused: %s',
  (text) => {
    expect(() => parseIds(text)).toThrow(/expected ascending ids or ranges/);
  },
);

test('only the key as FFHQ writes it is an id', () => {
  fc.assert(
    fc.property(id, (number) => {
      expect(parseImageId(String(number))).toBe(number);
    }),
  );
  for (const text of ['', '-1', '01', '1.0', '1e3', '100000', '١', ' 1', '1\n'])
    expect(parseImageId(text)).toBeUndefined();
});

test('an id lies in the thousand-folder that begins before it', () => {
  fc.assert(
    fc.property(id, (number) => {
      const folder = folderOf(number);
      expect(folder).toMatch(/^[0-9]{2}000$/);
      expect(number - Number(folder)).toBeGreaterThanOrEqual(0);
      expect(number - Number(folder)).toBeLessThan(1000);
      expect(formatImageId(number).slice(0, 2)).toBe(folder.slice(0, 2));
    }),
  );
});

test('a digest is 32 lower-case hexadecimal digits and nothing else', () => {
  expect(parseMd5('0123456789abcdef0123456789abcdef')).toBeDefined();
  for (const value of [
    '',
    '0123456789ABCDEF0123456789abcdef',
    '0123456789abcdef0123456789abcde',
    'g'.repeat(32),
    5,
    null,
  ])
    expect(parseMd5(value)).toBeUndefined();
});
