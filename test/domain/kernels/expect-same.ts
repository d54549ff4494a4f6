import { expect } from 'vitest';
import type { Picture } from '../../../src/domain/raster/picture.ts';

/** Says where the first difference is; `toEqual` on megabytes says nothing for minutes. */
export function expectSame(got: Picture, wanted: Picture): void {
  expect([got.width, got.height]).toEqual([wanted.width, wanted.height]);
  const at = wanted.data.findIndex((value, index) => value !== got.data[index]);
  const where = [Math.floor(at / 3) % wanted.width, Math.floor(at / 3 / wanted.width), at % 3];
  expect(at === -1 ? 'the same' : `${got.data[at]} in place of ${wanted.data[at]} at ${where}`).toBe(
    'the same',
  );
}

/** Beyond the kernel's next call. */
export function kept(picture: Picture): Picture {
  return { ...picture, data: picture.data.slice() };
}
