import { expect, test } from 'vitest';
import { HeardWaits } from '../../../src/domain/waits/heard-waits.ts';

test('what a child said once is not heard again, whoever sends it, nor what was said before the run', () => {
  const heard = new HeardWaits(1_000);
  expect([999, 1_000, 1_001, 1_001, 1_005, 1_003, 1_006].map((at) => heard.isNews('a', at))).toEqual([
    ...[false, false, true, false, true, false, true],
  ]);
  expect(heard.isNews('b', 1_001)).toBe(true);
});
