import { expect, test } from 'vitest';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import {
  digestsOf,
  type ExclusionEntry,
  exclusionText,
  noExclusions,
  parseExclusions,
  withEntries,
} from '../../../src/domain/exclusion/exclusion-list.ts';
import { authorKey } from '../../../src/domain/selection/author-key.ts';

const at = '2026-01-01T00:00:00.000Z';
const md5 = 'a'.repeat(32) as Md5;
const first: ExclusionEntry = { at, ids: '1-3', manifestMd5: md5 };
const second: ExclusionEntry = { at, accounts: [authorKey('anna')], reason: 'asked' };

test('a list that grew still has the digest of the one before, and another one has not', () => {
  const one = withEntries(noExclusions, [first]);
  const two = withEntries(one, [second]);
  expect(two.version).toBe(2);
  expect(digestsOf(two.entries)).toContain(one.digest);
  expect(digestsOf(withEntries(noExclusions, [second, first]).entries)).not.toContain(one.digest);
});

test('what is said already, at whatever time, and what says nothing makes no new version', () => {
  const one = withEntries(noExclusions, [first]);
  const again = { ...first, at: '2027-01-01T00:00:00.000Z' };
  expect(withEntries(one, [again, { at }, { at, photos: [] }])).toBe(one);
});

test('a list reads as it was written, also with what others put beside; changed by a letter it is refused', () => {
  const list = withEntries(noExclusions, [first, second]);
  const text = exclusionText(list);
  expect(parseExclusions(text)).toEqual(list);
  expect(parseExclusions(`${text.slice(0, -1)},"mac":"x"}`)).toEqual(list);
  expect(parseExclusions(text.replace('"1-3"', '"1-4"'))).toEqual({
    problem: 'exclusion list [digest]: expected that of its entries, got another',
  });
});

test.each([
  ['nothing', ''],
  ['another format', '{"format":"zip"}'],
  ['a name in place of a key', exclusionText({ ...noExclusions, entries: [{ at, accounts: ['anna'] }] })],
  ['ids of no manifest', exclusionText(withEntries(noExclusions, [{ at, ids: '1' }]))],
  ['a reason of two lines', exclusionText(withEntries(noExclusions, [{ ...first, reason: 'a\nb' }]))],
  [
    'a reason of 10 MB',
    exclusionText(withEntries(noExclusions, [{ ...first, reason: 'a'.repeat(10 ** 7) }])),
  ],
  ['ids that descend', exclusionText(withEntries(noExclusions, [{ ...first, ids: '3,1' }]))],
])('%s is refused, and not repeated', (_what, text) => {
  const { problem = '' } = parseExclusions(text) as { problem?: string };
  expect(problem).toMatch(/^exclusion list/);
  expect(problem).not.toContain('anna');
  expect(problem.length).toBeLessThan(200);
});
