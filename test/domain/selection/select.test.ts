import { describe, expect, test } from 'vitest';
import { type ImageId, parseIds } from '../../../src/domain/dataset/ids.ts';
import { askText, parseAsk, type SelectionAsk } from '../../../src/domain/selection/ask.ts';
import { digestOfAsk, selectionRequest } from '../../../src/domain/selection/ask-digest.ts';
import { authorKey } from '../../../src/domain/selection/author-key.ts';
import { licenseOf } from '../../../src/domain/selection/licenses.ts';
import { type RecordFacts, type Selected, Selector } from '../../../src/domain/selection/select.ts';
import { idsOfSplit, splitNames, splitWarning } from '../../../src/domain/selection/splits.ts';

const licenseUrls = [
  'https://creativecommons.org/licenses/by/2.0/',
  'http://creativecommons.org/licenses/by-nc/2.0',
  'https://creativecommons.org/publicdomain/mark/1.0/',
  'https://creativecommons.org/publicdomain/zero/1.0/',
  'http://www.usa.gov/copyright.shtml',
  'https://creativecommons.org/licenses/by/4.0/',
];

/** What a manifest says of a record, by its id. */
function factsOf(id: number): RecordFacts {
  return {
    id: id as ImageId,
    category: id < 60_000 ? 'training' : 'validation',
    licenseUrl: licenseUrls[id % licenseUrls.length] ?? '',
    country: id % 5 === 0 ? 'Spain' : '',
    author: id % 7 === 0 ? 'Zoë Quintessa' : `author ${id}`,
    photoUrl: `https://www.flickr.com/photos/${id % 11 === 0 ? '12345678@N00' : `account${id}`}/1/`,
  };
}

function selected(ask: SelectionAsk, ids: Iterable<number> = range(70_000)): Selected {
  const selector = new Selector(ask);
  for (const id of ids) selector.add(factsOf(id));
  return selector.finish();
}

function* range(end: number): Generator<number> {
  for (let id = 0; id < end; id++) yield id;
}

test.each<[string, SelectionAsk, (id: number) => boolean]>([
  ['ids', { ids: '5,100-200' }, (id) => id === 5 || (id >= 100 && id <= 200)],
  ['a category', { categories: ['validation'] }, (id) => id >= 60_000],
  ['two licences', { underLicenses: ['by', 'cc0'] }, (id) => id % 6 === 0 || id % 6 === 3],
  ['a country, in any case', { countries: ['spain'] }, (id) => id % 5 === 0],
  ['no country', { countries: [''] }, (id) => id % 5 !== 0],
  ['an author by name, in any case', { authors: [authorKey(' ZOË QUINTESSA')] }, (id) => id % 7 === 0],
  ['an author by account', { authors: [authorKey('12345678@n00')] }, (id) => id % 11 === 0],
  ['parts of splits', { splits: ['dps-1k:test', 'idinvert:test'] }, (id) => id < 1_000 || id >= 65_000],
  [
    'all of it at once',
    { ids: '0-61999', categories: ['validation'], underLicenses: ['by'], countries: ['spain'] },
    (id) => id >= 60_000 && id < 62_000 && id % 30 === 0,
  ],
])('what is selected by %s is what that says of each record', (_, ask, isWanted) => {
  const { ids, records } = selected(ask);
  const wanted = [...range(70_000)].filter(isWanted);
  expect(parseIds(ids)).toEqual(wanted);
  expect(records).toBe(wanted.length);
});

describe('a pick', () => {
  test('is the same everywhere: the ids whose MD5 of SEED:ID sorts first', () => {
    // for i in $(seq 0 19); do echo "$(printf 7:$i | md5sum | cut -c-32) $i"; done | sort | head -5
    expect(selected({ pick: 5, seed: 7 }, range(20)).ids).toBe('3,6,9,11,13');
  });

  test('of more holds the pick of fewer, of what the other parts left; a limit takes the first of it', () => {
    const few = parseIds(selected({ categories: ['validation'], pick: 100, seed: 3 }).ids);
    const many = parseIds(selected({ categories: ['validation'], pick: 1_000, seed: 3 }).ids);
    expect(many).toEqual(expect.arrayContaining(few));
    expect(many).toHaveLength(1_000);
    expect(Math.min(...many)).toBeGreaterThanOrEqual(60_000);
    expect(parseIds(selected({ categories: ['validation'], pick: 100, seed: 3, limit: 7 }).ids)).toEqual(
      few.slice(0, 7),
    );
    expect(selected({ pick: 100, seed: 4 }).ids).not.toBe(selected({ pick: 100, seed: 3 }).ids);
  });

  test('of more than there are is all of them', () => {
    expect(selected({ ids: '3-9', pick: 100, seed: 1 }).ids).toBe('3-9');
  });
});

test('a selection of nothing says which part emptied it, and what those before it had left', () => {
  expect(() => selected({ ids: '0-99', categories: ['validation'], countries: ['spain'] })).toThrow(
    'selection [--category validation]: expected records, got none: of 70,000 records, --ids 0-99 left 100, and this part none',
  );
  expect(() => selected({ ids: '80000' })).toThrow(/selection \[--ids 80000\]/);
});

test('a licence is told by its URL, whatever its scheme, case and last slash; other versions are none of these', () => {
  expect(licenseUrls.map(licenseOf)).toEqual(['by', 'by-nc', 'pdm', 'cc0', 'us-gov', undefined]);
  expect(licenseOf('HTTP://creativecommons.org/licenses/BY/2.0//')).toBe('by');
  expect(licenseOf('https://example.com/?https://creativecommons.org/licenses/by/2.0/')).toBeUndefined();
});

test('the parts of a split are apart, and those that contradict NVIDIA’s own say so', () => {
  for (const name of splitNames.filter((split) => !split.includes(':'))) {
    const ids = (idsOfSplit(name) ?? []).flatMap(parseIds);
    expect(new Set(ids).size).toBe(ids.length);
  }
  expect(splitNames.filter((split) => splitWarning(split) !== undefined && split.includes(':'))).toEqual([
    'dps-1k:test',
    'diffae:test',
    'diffae:train',
    'idinvert:train',
    'ffhqr:validation',
  ]);
});

test('an ask is known by its digest, whatever the order of its parts, and holds no name', () => {
  const ask: SelectionAsk = { authors: [authorKey('Zoë Quintessa')], pick: 3, seed: 1 };
  expect(digestOfAsk({ seed: 1, pick: 3, authors: [authorKey('zoë quintessa')] })).toBe(digestOfAsk(ask));
  expect(parseAsk(askText(ask))).toEqual(ask);
  expect(JSON.stringify([askText(ask), selectionRequest(ask)])).not.toMatch(/quintessa/i);
  expect(selectionRequest(ask).words).toBe('--author-from a list of 1 --pick 3 --seed 1');
});
