import { expect, test } from 'vitest';
import type { ImageId, Md5 } from '../../../src/domain/dataset/ids.ts';
import { Excluder, without } from '../../../src/domain/exclusion/excluder.ts';
import type { ExclusionEntry } from '../../../src/domain/exclusion/exclusion-list.ts';
import { photoKey } from '../../../src/domain/exclusion/photo-key.ts';
import { authorKey } from '../../../src/domain/selection/author-key.ts';
import { selectionOf } from '../../../src/domain/selection/selection-of.ts';
import { requestOf } from '../../support/request-of.ts';

const md5 = 'a'.repeat(32) as Md5;
const page = 'https://www.flickr.com/photos/Anna/123456/';
const record = { id: 7 as ImageId, author: 'Anna Müller', photoUrl: page };

function excludes(entry: Omit<ExclusionEntry, 'at'>, of: Md5 = md5): boolean {
  return new Excluder({ entries: [{ at: '', ...entry }] }, of).excludes(record);
}

test('a record is let go by its id in its manifest, its account, its author or its photograph, and by nothing else', () => {
  expect(excludes({ ids: '5-9', manifestMd5: md5 })).toBe(true);
  expect(excludes({ ids: '5-9', manifestMd5: md5 }, 'b'.repeat(32) as Md5)).toBe(false);
  expect(excludes({ ids: '8', manifestMd5: md5 })).toBe(false);
  expect(excludes({ accounts: [authorKey('anna')] })).toBe(true);
  expect(excludes({ accounts: [authorKey('Anna Müller')] })).toBe(false);
  expect(excludes({ authors: [authorKey('anna')] })).toBe(true);
  expect(excludes({ authors: [authorKey('ANNA MÜLLER')] })).toBe(true);
  expect(excludes({ authors: [authorKey('ann')] })).toBe(false);
  expect(excludes({ photos: [photoKey('http://flickr.com/photos/renamed/123456')] })).toBe(true);
  expect(excludes({ photos: [photoKey('https://www.flickr.com/photos/anna/1234567/')] })).toBe(false);
});

test('records that name nobody are nobody’s', () => {
  const { photos, authors } = { photos: [photoKey('')], authors: [authorKey('')] };
  const excluder = new Excluder({ entries: [{ at: '', photos, authors }] }, md5);
  expect(excluder.excludes({ id: 1 as ImageId, author: '', photoUrl: '' })).toBe(false);
});

test('what is let go is asked for of no kind, whatever else was asked for, and nothing at all stays nothing', () => {
  const request = requestOf({ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } });
  const gone = [0, 5] as ImageId[];
  expect(without(request, [])).toBe(request);
  expect(without(request, gone)).toMatchObject({ ids: '1-4,6-99999', letsGo: 2 });
  expect(without({ ...request, ids: '0' }, gone).ids).toBe('');
  expect(selectionOf('')(0 as ImageId)).toBe(false);
  expect(without({ ...request, ids: '3', idsOf: { thumbs: '0-9' } }, gone)).toMatchObject({
    ids: '3',
    idsOf: { thumbs: '1-4,6-9' },
  });
});
