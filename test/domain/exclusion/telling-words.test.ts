import { expect, test } from 'vitest';
import { TellingWords } from '../../../src/domain/exclusion/telling-words.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const words = new TellingWords([
  'images1024x1024/00000/00001.png',
  md5,
  'https://www.flickr.com/photos/anna/1/',
  'Ann "A" <b> & Sons',
  'Al',
  'Zoë 李',
  '李明',
  'https://example.org/?a=1&b=2',
]);

test.each([
  'images1024x1024/00000/00001.png: corrupt',
  '{"path":"/data/set/images1024x1024/00000/00001.png"}',
  `${md5}  other/name.png`,
  'see (https://www.flickr.com/photos/anna/1).',
  '<a href="https://www.flickr.com/photos/anna/1/">',
  'by Ann &quot;A&quot; &lt;b&gt; &amp; Sons',
  '"Ann ""A"" <b> & Sons"',
  JSON.stringify({ author: 'Ann "A" <b> & Sons' }),
  'Al was here',
  md5.toUpperCase(),
  'C:\\set\\images1024x1024\\00000\\00001.png',
  JSON.stringify('C:\\set\\images1024x1024\\00000\\00001.png'),
  '{"author": "Zo\\u00eb \\u674e"}',
  'by 李明.',
  '<a href="https://example.org/?a=1&amp;b=2">',
])('tells of a record that went: %s', (text) => {
  expect(words.isIn(text)).toBe(true);
});

test.each([
  'images1024x1024/00000/00002.png',
  `${md5}00`,
  'https://www.flickr.com/photos/anna/12',
  'https://www.flickr.com/photos/ann',
  'Always here',
])('tells of none: %s', (text) => {
  expect(words.isIn(text)).toBe(false);
});
