import { expect, test } from 'vitest';
import { parseFlickrList } from '../../../src/domain/exclusion/flickr-list.ts';

const page = 'https://www.flickr.com/photos/anna/1';

test('addresses with and without a reason, and CSV with a header, are read', () => {
  const lines = [
    'photo_url,why',
    page,
    `${page}/,Private`,
    `"${page}2","no_cv",x`,
    `${page}3;license`,
    `${page}4,404`,
  ];
  expect(parseFlickrList(lines)).toEqual([
    { url: page, why: 'unsaid' },
    { url: `${page}/`, why: 'private' },
    { url: `${page}2`, why: 'no_cv' },
    { url: `${page}3`, why: 'licence' },
    { url: `${page}4`, why: 'gone' },
  ]);
});

test.each([
  [['https://example.com/photos/anna/1'], 1],
  [[page, 'anna'], 2],
  [[page, `${page},because`], 2],
  [[page, `${page},constructor`], 2],
])('what is neither is refused by its line', (lines, line) => {
  expect(parseFlickrList(lines)).toMatchObject({ line });
});
