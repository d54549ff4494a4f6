import { describe, expect, test } from 'vitest';
import { isAbsent, ManifestError, parseManifestRecord } from '../../../src/domain/dataset/manifest.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { manifestRecords } from '../../fuzz/laws/manifest.ts';

const md5 = 'a'.repeat(32);
const wild = {
  file_url: 'https://drive.google.com/uc?id=1',
  file_path: 'in-the-wild-images/00000/00007.png',
  file_size: 5,
  file_md5: md5,
  pixel_size: [2, 3],
  pixel_md5: md5,
  face_landmarks: [],
};
const record = { category: 'training', metadata: { author: 'Anna' }, in_the_wild: wild };

/** Lists in lists, as JSON.parse makes them without a fault. */
function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}

describe('whatever stands in a field, the record is read, or refused by an error that names record and field', () => {
  test.each([
    ['lists nested 400,000 deep', nested(400_000)],
    ['objects nested 100,000 deep', JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['a text of a million characters', 'x'.repeat(1_000_000)],
    ['a number without end', Number.POSITIVE_INFINITY],
    ['a number as large as there is', 1.7e308],
    ['a million entries', Array.from({ length: 1_000_000 }, () => 0)],
    ['a million names', Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [`n${nth}`, nth]))],
    ['characters that a terminal would act on', '\u001b]52;c;eA==\u0007\u009b2J\u202e'],
  ])('%s', (_, value) => {
    const fields = [
      ...Object.keys(wild).map((name) => [
        `in_the_wild.${name}`,
        { ...record, in_the_wild: { ...wild, [name]: value } },
      ]),
      ['in_the_wild', { ...record, in_the_wild: value }],
      ['category', { ...record, category: value }],
      ['metadata.author', { ...record, metadata: { author: value } }],
    ] as const;
    for (const [field, hostile] of fields) {
      const said = refusalOf('7', hostile);
      if (said === undefined) continue;
      expect(said).toMatch(
        new RegExp(`^manifest \\[record 7, field ${String(field).replace('.', '\\.')}\\]: expected .*, got `),
      );
      expect(said.length).toBeLessThan(400);
      expect(said).not.toMatch(/\p{C}/u);
    }
    expect(refusalOf('7', value) ?? 'manifest [record 7').toMatch(/^manifest \[record 7/);
  });

  test('any JSON at all', () => expectLaw(manifestRecords));
});

test.each([
  ['a list in place of an author', { metadata: { author: ['JANE DOE'] } }, 'got a list'],
  ['a long author', { metadata: { author: 'JANE DOE '.repeat(2000) } }, 'got a string of 18,000 characters'],
  ['an object in place of a title', { metadata: { photo_title: { by: 'JANE DOE' } } }, 'got an object'],
  ['text in place of metadata', { metadata: 'JANE DOE' }, 'got a string of 8 characters'],
  ['a list in place of a record', [{ author: 'JANE DOE' }], 'got a list'],
])('no name of a person is repeated: %s', (_, value, got) => {
  const said = refusalOf('7', value);
  expect(said).toContain(got);
  expect(said).not.toContain('JANE');
});

test('a record of the official form is read', () => {
  const { id, specs } = parseManifestRecord('7', record);
  expect([id, isAbsent(specs.wilds)]).toEqual([7, false]);
});

function refusalOf(key: string, value: unknown): string | undefined {
  try {
    parseManifestRecord(key, value);
    return undefined;
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
}
