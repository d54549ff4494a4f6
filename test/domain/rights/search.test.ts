import { expect, test } from 'vitest';
import { foldedName, searchFor } from '../../../src/domain/rights/search.ts';

const photoUrl = 'https://www.flickr.com/photos/11223344@N00/5566778899/';
const record = { account: '11223344@N00', author: 'Zoë Łukasz-Straße', photoUrl };

test.each([
  ['zoe', 'a part of the name, without its accents'],
  ['ZOË', 'in another case'],
  ['zoe\u0308', 'with the accent as a sign of its own'],
  ['ｚｏｅ', 'in wide letters'],
  ['z\u200bo\u00ade', 'with what cannot be seen in it'],
  ['lukasz', 'with a letter that has no accent to take away'],
  ['STRASSE', 'as ß is written in capitals'],
  ['Lukasz – strasse'.replace(' – ', '–'), 'with another dash'],
  ['  zoe   łukasz ', 'with other spaces'],
  ['11223344@n00', 'the account'],
  ['https://www.flickr.com/photos/11223344@N00/', 'the page of the account'],
  ['flickr.com/people/11223344@N00', 'another page of it'],
  ['http://m.flickr.com/photos/11223344%40N00', 'its page for telephones'],
  [photoUrl, 'the page of the photograph'],
  ['flickr.com/photos/another_name/5566778899/in/album-1', 'the same, by a new name of the account'],
  ['https://live.staticflickr.com/65535/5566778899_0a1b2c_b.jpg', 'the picture'],
  ['https://farm6.static.flickr.com/5565/5566778899_0a1b2c.jpg', 'the picture, at an old address'],
])('%j finds it: %s', (asked) => {
  expect(searchFor(asked)?.(record)).toBe(true);
});

test.each([
  ['11223344', 'a part of the account'],
  ['zoe l.*', 'no pattern'],
  ['https://www.flickr.com/photos/zoe/', 'a page of somebody else'],
  ['https://www.flickr.com/photos/11223344@N00/55667788/', 'another photograph'],
  ['https://example.org/photos/11223344@N00/5566778899/', 'another host'],
])('%j does not: %s', (asked) => {
  expect(searchFor(asked)?.(record)).toBe(false);
});

test('marks that are letters of their script count', () => {
  expect(foldedName('が')).not.toBe(foldedName('か'));
  expect(foldedName('कि')).not.toBe(foldedName('का'));
  expect(foldedName('ΟΔΥΣΣΕΥΣ')).toBe(foldedName('Οδυσσεύς'));
  expect(foldedName('İSTANBUL')).toBe(foldedName('istanbul'));
});

test('a record that names no account is nobody’s account', () => {
  const nobody = { account: '', author: '', photoUrl: 'https://example.org/a' };
  expect(searchFor('x')?.(nobody)).toBe(false);
  expect(searchFor('HTTP://example.org/a/')?.(nobody)).toBe(true);
});

test.each(['', '  ', '\u200b', '\u0301'])('there is nothing to look for in %j', (asked) => {
  expect(searchFor(asked)).toBeUndefined();
});
