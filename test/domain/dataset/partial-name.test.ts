import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ownedPartial,
  parsePartialName,
  partialKeys,
  releasedPartial,
  releasedPartials,
} from '../../../src/domain/dataset/partial-name.ts';

const WRITER = 'w4194304-abcdef01-abcdef01-0a1b2c3d-999999999999-zzzzzz';

test('a partial file says whose it is, and no file of the dataset looks like one', () => {
  expect(parsePartialName(ownedPartial('00042.png', WRITER))).toEqual({
    target: '00042.png',
    writer: WRITER,
    isSure: true,
  });
  const target = '00042.png';
  expect(parsePartialName('00042.png.ffhq-part')).toEqual({ target, writer: undefined, isSure: true });
  expect(parsePartialName(ownedPartial(target, WRITER, false))).toEqual({
    ...{ target, writer: WRITER, isSure: false },
  });
  for (const name of releasedPartials(target))
    expect(parsePartialName(name)).toMatchObject({ target, writer: undefined });
  expect(parsePartialName('00042.png')).toBeUndefined();
});

test('whatever a file is called, its partial files have names that a file system takes, and are found by it', () => {
  const letter = fc.constantFrom('n', 'ü', '面', '😀', '.', '~');
  const target = fc
    .tuple(letter, fc.integer({ min: 1, max: 255 }), fc.string({ unit: 'grapheme', maxLength: 9 }))
    .map(([one, times, end]) => one.repeat(times) + end)
    .filter((name) => Buffer.byteLength(name) <= 255 && !name.includes('/') && !name.includes('\0'));
  fc.assert(
    fc.property(target, (name) => {
      const owned = [ownedPartial(name, WRITER), ownedPartial(name, WRITER, false)];
      for (const partial of [...owned, ...releasedPartials(name)]) {
        expect(Buffer.byteLength(partial)).toBeLessThanOrEqual(255);
        expect(partialKeys(name)).toContain(parsePartialName(partial)?.target);
      }
      expect(parsePartialName(ownedPartial(name, WRITER))?.writer).toBe(WRITER);
    }),
  );
});

test('two long names that begin alike have partial files of their own', () => {
  const [a, b] = [`${'x'.repeat(240)}1.png`, `${'x'.repeat(240)}2.png`] as const;
  expect(ownedPartial(a, WRITER)).not.toBe(ownedPartial(b, WRITER));
  expect(releasedPartial(a)).not.toBe(releasedPartial(b));
});

test('what an earlier version left under a long name is still found', () => {
  const target = `${'x'.repeat(180)}.png`;
  const left = [`${target}.ffhq-part`, `${target}.w1-abcdef01-abcdef01-0a1b2c3d-9-0.ffhq-part`];
  for (const name of left) expect(partialKeys(target)).toContain(parsePartialName(name)?.target);
});
