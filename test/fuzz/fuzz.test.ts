import { expect, test } from 'vitest';
import { allLaws } from './all-laws.ts';
import { expectLaw } from './law.ts';

test.each(allLaws.map((one) => [one.name, one] as const))(
  'whatever comes in, the law of %s holds: no fault that is not ours, no end to wait for, nothing touched outside',
  (_name, one) => expectLaw(one),
);

test('each law has a name of its own', () => {
  expect(new Set(allLaws.map(({ name }) => name)).size).toBe(allLaws.length);
});
