import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownValue } from '../../../src/domain/dataset/shown-value.ts';

test('a value that is short and plain is shown as JSON', () => {
  for (const value of [null, 5, 'a "b"', [1, [2, 'c']], { a: { b: [] } }, true, '', {}]) {
    expect(shownValue(value)).toBe(JSON.stringify(value));
  }
  expect(shownValue(undefined)).toBe('nothing');
  expect(shownValue(Number.POSITIVE_INFINITY)).toBe('the number Infinity');
});

test('of any value no more is shown than was asked for, in one printable line', () => {
  fc.assert(
    fc.property(fc.anything(), fc.integer({ min: 10, max: 200 }), (value, most) => {
      const shown = shownValue(value, most);
      expect(shown).not.toMatch(/[\p{C}\u2028\u2029]/u);
      expect(shown.replace(/\\u[0-9a-f]{4}/g, '.').length).toBeLessThanOrEqual(most + 3);
    }),
    { numRuns: 300 },
  );
});
