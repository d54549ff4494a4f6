import { expect, test } from 'vitest';
import { fullDiskWaitMs } from '../../../src/domain/run/backoff.ts';

test('a full disk is looked at again at once after something came, then ever less often, never less than once a minute', () => {
  expect([0, 1, 2, 3, 4, 99].map(fullDiskWaitMs)).toEqual([0, 10_000, 20_000, 40_000, 60_000, 60_000]);
});
