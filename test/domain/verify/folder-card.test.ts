import { expect, test } from 'vitest';
import type { AlignRequest, RunRequest } from '../../../src/domain/run/request.ts';
import { cardAfter, type FolderCard, parseFolderCard } from '../../../src/domain/verify/folder-card.ts';

const md5 = 'a'.repeat(32);
const request: RunRequest = {
  kinds: ['thumbs'],
  manifest: { name: 'official' },
  license: { name: 'official' },
  source: { name: 'google-drive' },
  allowedHosts: [],
  trust: 'records',
  fetch: 'missing',
  numAttempts: 10,
};
const align: AlignRequest = {
  options: { rotateLevel: true, randomShift: 0, retryCrops: false, enablePadding: true },
  folder: 'realign1024x1024',
  fileIdentical: false,
  discardOriginals: true,
};

test('a folder gathers what its runs put into it, and looking changes nothing of that', () => {
  const first = cardAfter(undefined, md5, { ...request, ids: '0-9' });
  expect(first).toMatchObject({ kinds: ['thumbs'], idsOf: { thumbs: '0-9' } });
  const second = cardAfter(first, md5, { ...request, kinds: ['wilds', 'align'], align, ids: '5-14' });
  expect(second).toMatchObject({
    kinds: ['thumbs', 'wilds', 'align'],
    idsOf: { thumbs: '0-9', wilds: '5-14', align: '5-14' },
    aligned: [align],
  });
  expect(cardAfter(second, md5, { ...request, ids: '8-20' }).idsOf?.thumbs).toBe('0-20');
  const looked = cardAfter(second, md5, {
    ...request,
    kinds: ['images'],
    fetch: 'nothing',
    trust: 'contents',
  });
  expect(looked).toEqual(second);
  // All records of a kind, once, are all of them for good; those of other kinds stay what they were.
  const all = cardAfter(second, md5, request);
  expect(all.idsOf).toEqual({ wilds: '5-14', align: '5-14' });
  expect(cardAfter(all, md5, { ...request, ids: '3' }).idsOf).toEqual(all.idsOf);
  expect(parseFolderCard(JSON.parse(JSON.stringify(second)))).toEqual(second);
});

test('what was discarded on purpose is remembered by runs that do not say so again, for each aligned folder', () => {
  const aligned = { ...request, kinds: ['wilds', 'align'] as const, align };
  const first = cardAfter(undefined, md5, aligned);
  const again = cardAfter(first, md5, { ...aligned, align: { ...align, discardOriginals: false } });
  expect(again.aligned).toEqual([align]);
  const other = { ...align, folder: 'shifted', discardOriginals: false };
  expect(cardAfter(again, md5, { ...aligned, align: other }).aligned).toEqual([align, other]);
  // Another manifest is another dataset.
  expect(cardAfter(again, 'b'.repeat(32), request)).toMatchObject({ kinds: ['thumbs'] });
  expect(cardAfter(again, 'b'.repeat(32), request).aligned).toBeUndefined();
});

test('a folder that another manifest fills too still knows what the first one put there', () => {
  const first = cardAfter(undefined, md5, { ...request, kinds: ['images'], ids: '0-9' });
  const other = 'b'.repeat(32);
  const photos = { name: 'photos', folder: '/mine', landmarks: '/mine/landmarks.json' } as const;
  const second = cardAfter(first, other, { ...request, manifest: photos, kinds: ['align'], align });
  expect(second).toMatchObject({ md5: other, kinds: ['align'], others: [first] });
  expect(parseFolderCard(JSON.parse(JSON.stringify(second)))).toEqual(second);
  const back = cardAfter(second, md5, { ...request, kinds: ['images'], ids: '10-19' });
  expect(back).toMatchObject({ md5, idsOf: { images: '0-19' }, others: [{ md5: other }] });
  const many = Array.from({ length: 20 }, (_, nth) => nth.toString(16).padStart(32, '0'));
  const last = many.reduce<FolderCard | undefined>((card, each) => cardAfter(card, each, request), back);
  expect(last?.others).toHaveLength(8);
});

test('a card of an older version, or one that somebody wrote into, says what it can', () => {
  const { manifest, license, source, allowedHosts } = request;
  const data = { manifest, license, source, allowedHosts };
  expect(parseFolderCard({ md5, request: data })).toEqual({ md5, request: data });
  const odd = {
    md5,
    request: data,
    kinds: ['thumbs', 'x', 7],
    idsOf: { thumbs: '9-1', images: 7, video: '1' },
    others: [7, { md5 }],
    aligned: [align, { folder: 1 }, null],
  };
  expect(parseFolderCard(odd)).toEqual({ md5, request: data, kinds: ['thumbs'], aligned: [align] });
  for (const value of [null, 7, {}, { md5 }, { md5: 'x', request: data }, { md5, request: { manifest } }])
    expect(parseFolderCard(value)).toBeUndefined();
});

test('a card that says anything but plain text of its data is no card', () => {
  const nested = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  const card = cardAfter(undefined, md5, request);
  for (const wrong of [nested, 5, null, { name: nested }]) {
    for (const field of ['manifest', 'license', 'source', 'allowedHosts'] as const) {
      const value = field === 'allowedHosts' ? [wrong] : { name: 'x', more: wrong };
      expect(parseFolderCard({ ...card, request: { ...card.request, [field]: value } })).toBeUndefined();
    }
  }
});

test('a card of an older version keeps the records that it names, of every kind; one that names no kinds may hold all', () => {
  const { manifest, license, source, allowedHosts } = request;
  const data = { md5, request: { manifest, license, source, allowedHosts } };
  const old = parseFolderCard({ ...data, kinds: ['images', 'thumbs'], ids: '0-99' });
  expect(old?.idsOf).toEqual({ images: '0-99', thumbs: '0-99' });
  expect(cardAfter(old, md5, { ...request, ids: '100-199' }).idsOf).toEqual({
    images: '0-99',
    thumbs: '0-199',
  });
  const without = parseFolderCard(data);
  expect(cardAfter(without, md5, { ...request, ids: '0-9' }).idsOf).toBeUndefined();
});

test('kinds that are no names are passed over, however they are made', () => {
  const data = { md5, request: { ...request, kinds: undefined } };
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  for (const kind of [{ toString: 1 }, { toString: null, valueOf: null }, deep, '__proto__', 7, null]) {
    const card = parseFolderCard({ ...data, kinds: [kind, 'images'], ids: '0-9' });
    expect(card).toMatchObject({ kinds: ['images'], idsOf: { images: '0-9' } });
  }
});

test('of a folder that no run has filled, what was looked at is what it holds', () => {
  const looked = { ...request, fetch: 'nothing' } as const;
  const all = cardAfter(undefined, md5, { ...looked, kinds: ['images'] });
  expect(cardAfter(all, md5, { ...request, kinds: ['images'], ids: '0-9' }).idsOf).toBeUndefined();
  const empty = cardAfter(undefined, md5, { ...looked, kinds: [] });
  expect(cardAfter(empty, md5, { ...request, ids: '0-9' })).toMatchObject({ idsOf: { thumbs: '0-9' } });
});

test('photographs that change again and again take one place, and the official dataset is never pushed out', () => {
  const photos = { name: 'photos', folder: '/p', landmarks: '/p/faces.json' } as const;
  const digits = (nth: number) => nth.toString(16).padStart(32, '0');
  const filled = cardAfter(undefined, md5, { ...request, ids: '0-99' });
  const after = (card: FolderCard | undefined, nth: number, manifest: RunRequest['manifest']) =>
    cardAfter(card, digits(nth), { ...request, manifest, kinds: ['align'], align });
  let card: FolderCard | undefined = filled;
  for (let nth = 0; nth < 20; nth++) card = after(card, nth, photos);
  expect(card).toMatchObject({ md5: digits(19), others: [filled] });
  for (let nth = 0; nth < 20; nth++)
    card = after(card, 100 + nth, { name: 'other', location: `/m${nth}.json` });
  expect(card?.others).toHaveLength(8);
  expect(card?.others).toContainEqual(filled);
});

test('a folder gathers the archives that its runs named, and where they were found', () => {
  const zips = (zips: RunRequest['zips']): RunRequest => ({
    ...{ ...request, kinds: ['zips'] },
    ...(zips === undefined ? {} : { zips }),
  });
  const first = cardAfter(undefined, md5, zips({ 'images1024x1024.zip': {} }));
  const second = cardAfter(first, md5, zips({ 'tfrecords.zip': { id: 'own' } }));
  expect(second.zips).toEqual({ 'images1024x1024.zip': {}, 'tfrecords.zip': { id: 'own' } });
  expect(cardAfter(second, md5, request).zips).toEqual(second.zips);
  expect(parseFolderCard(JSON.parse(JSON.stringify(second)))).toEqual(second);
  // Once all were asked for, all are to be there; a copy is remembered.
  expect(Object.keys(cardAfter(second, md5, zips(undefined)).zips ?? {}).length).toBe(4);
  expect(cardAfter(first, md5, zips(undefined)).zips).toBeUndefined();
  const hostile = { ...second, zips: { 'tfrecords.zip': { id: '../x', size: -1, md5: 7 }, '../x.zip': {} } };
  expect(parseFolderCard(hostile)?.zips).toEqual({ 'tfrecords.zip': {} });
});
