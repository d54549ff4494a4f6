import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ImageId, MAX_IMAGE_ID } from '../../../src/domain/dataset/ids.ts';
import {
  canonicalPath,
  isReferencePartial,
  isSafeImagePath,
  kindFolders,
} from '../../../src/domain/dataset/layout.ts';
import { imageKinds } from '../../../src/domain/kinds.ts';

test('paths are the reference`s, and safe', () => {
  expect(canonicalPath('images', 69_999 as ImageId)).toBe('images1024x1024/69000/69999.png');
  fc.assert(
    fc.property(fc.constantFrom(...imageKinds), fc.integer({ min: 0, max: MAX_IMAGE_ID }), (kind, id) => {
      expect(isSafeImagePath(kind, canonicalPath(kind, id as ImageId))).toBe(true);
    }),
  );
});

test.each([
  'images1024x1024/../x.png',
  'images1024x1024/./x.png',
  'images1024x1024//x.png',
  'images1024x1024/.hidden.png',
  'images1024x1024/.ffhq/x.png',
  'images1024x1024/a\\b.png',
  'images1024x1024/a b.png',
  'images1024x1024/a\n.png',
  'images1024x1024/\0.png',
  'images1024x1024/00000/00000.jpg',
  'images1024x1024/00000/00000.png.ffhq-part',
  'images1024x1024.png',
  'thumbnails128x128/00000/00000.png',
  '/images1024x1024/00000/00000.png',
  '.ffhq/store.json',
  `images1024x1024/${'x'.repeat(300)}.png`,
])('a hostile or foreign path has no way through: %j', (path) => {
  expect(isSafeImagePath('images', path)).toBe(false);
});

test('whatever passes stays below its kind`s folder', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'a',
      '00000',
      'x.png',
      '\\',
      '/',
      'images1024x1024',
      '.ffhq',
      '\0',
      '%2e%2e',
      '~',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  let passed = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.constantFrom('', '.png', '/x.png'), (parts, end) => {
      const path = `${kindFolders.images}/${parts.join('/')}${end}`;
      if (!isSafeImagePath('images', path)) return;
      passed++;
      expect(posix.normalize(path)).toBe(path);
      expect(new URL(path, 'file:///out/').pathname).toBe(`/out/${path}`);
      expect(path.startsWith(`${kindFolders.images}/`)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(passed).toBeGreaterThan(5);
});

test('a partial file of the reference script is known as that', () => {
  expect(isReferencePartial(`00042.png.tmp.${'0a'.repeat(16)}`)).toBe(true);
  expect(isReferencePartial('00042.png')).toBe(false);
});
