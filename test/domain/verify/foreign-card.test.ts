import { expect, test } from 'vitest';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import type { AlignRequest } from '../../../src/domain/run/request.ts';
import type { FolderCard, FolderData } from '../../../src/domain/verify/folder-card.ts';
import { gatherCards, type Said } from '../../../src/domain/verify/foreign-card.ts';

const md5 = 'a'.repeat(32);
const official: FolderData = {
  manifest: { name: 'official' },
  license: { name: 'official' },
  source: { name: 'google-drive' },
  allowedHosts: [],
};
const mirror: FolderData = {
  ...official,
  ...{ source: { name: 'http-mirror', baseUrl: 'http://mirror.lan/' }, allowedHosts: ['mirror.lan:80'] },
};
const ofFile: FolderData = { ...official, manifest: { name: 'other', location: '/data/faces.json' } };
const says = { manifest: false, license: false, source: false };
const nothingSaid: Said = { ...official, align: undefined, says };
const align: AlignRequest = {
  options: { rotateLevel: true, randomShift: 0, retryCrops: false, enablePadding: true },
  ...{ folder: 'realign1024x1024', fileIdentical: false, discardOriginals: true },
};

test('what others say of the manifest that we know comes to what we know, discarded originals among it', () => {
  const ours: FolderCard = { md5, request: mirror, kinds: ['images'], idsOf: { images: '0-9' } };
  const theirs: FolderCard = {
    ...{ md5, request: { ...mirror, source: { name: 'local-dir', path: '/their/disk' } } },
    ...{ kinds: ['images', 'wilds', 'align'], idsOf: { images: '5-19', wilds: '3' }, aligned: [align] },
  };
  const { card, followed, unfollowed } = gatherCards(ours, [theirs], nothingSaid, true);
  expect(unfollowed).toEqual([]);
  expect(followed).toHaveLength(1);
  // Where it comes from, our own runs say.
  expect(card).toEqual({
    ...{ md5, request: mirror, kinds: ['images', 'wilds', 'align'] },
    ...{ idsOf: { images: '0-19', wilds: '3' }, aligned: [align] },
  });
  // Nothing new: nothing is said of it.
  expect(gatherCards(card, [theirs], nothingSaid, true)).toMatchObject({ card, followed: [] });
  // Whoever says himself what to look at is told of no fewer records.
  expect(
    gatherCards(undefined, [{ ...theirs, request: official }], nothingSaid, false).card,
  ).not.toHaveProperty('idsOf');
});

test('what leads to a host, a folder or a file that nobody here has named is not followed, whatever else it says', () => {
  const elsewhere: readonly FolderCard[] = [
    { md5, request: mirror, kinds: ['images'] },
    { md5, request: ofFile, kinds: ['images'] },
    { md5, request: { ...official, source: { name: 'local-dir', path: '/etc' } } },
    { md5, request: { ...official, license: { name: 'url', url: 'http://bait.lan/' } } },
    { md5, request: { ...official, allowedHosts: ['bait.lan'] } },
    { md5, request: { ...official, manifest: { name: 'photos', folder: '/p', landmarks: '/p/l' } } },
  ];
  const ours: FolderCard = { md5: 'b'.repeat(32), request: ofOther(), kinds: ['thumbs'] };
  for (const one of elsewhere) {
    expect(gatherCards(undefined, [one], nothingSaid, true)).toEqual({
      ...{ card: undefined, followed: [], unfollowed: [one] },
    });
    const { card, followed, unfollowed } = gatherCards(ours, [one], nothingSaid, true);
    expect([card, followed, unfollowed]).toEqual([ours, [], [one]]);
  }
  // Originals in a folder of this machine: the pictures made of them are told apart from the rest.
  const far = { ...align, discardOriginals: false, sourceDir: '/home/me/private' };
  const both: FolderCard = { md5, request: official, kinds: ['images', 'align'], aligned: [align, far] };
  const { card, unfollowed } = gatherCards(undefined, [both], nothingSaid, true);
  expect(card?.aligned).toEqual([align]);
  expect(unfollowed).toEqual([{ ...both, kinds: ['align'], aligned: [far] }]);
});

function ofOther(): FolderData {
  return { ...official, manifest: { name: 'other', location: 'https://drive.google.com/m' } };
}

test('what flags or our own runs name leads nowhere else', () => {
  const theirs: FolderCard = { md5, request: { ...ofFile, ...hosts(mirror) }, kinds: ['wilds'] };
  const flags: Said = { ...theirs.request, align: undefined, says: { ...says, manifest: true } };
  expect(gatherCards(undefined, [theirs], flags, true)).toMatchObject({ card: theirs, unfollowed: [] });
  // Of the same manifest by its digest, though it comes from elsewhere: by what the flags say.
  const manifest = { name: 'other', location: '/mine.json', md5: md5 as Md5 } as const;
  const mine: Said = { ...official, manifest, align: undefined, says: { ...says, manifest: true } };
  const { card, unfollowed } = gatherCards(undefined, [theirs], mine, true);
  expect(unfollowed).toEqual([]);
  expect(card).toEqual({ md5, request: { ...official, manifest }, kinds: ['wilds'] });
});

function hosts({ source, allowedHosts }: FolderData) {
  return { source, allowedHosts };
}

test('where one way of aligning discarded its originals, it is looked at before the others', () => {
  const kept = { ...align, folder: 'kept', discardOriginals: false };
  const ours: FolderCard = { md5, request: official, kinds: ['align'], aligned: [kept] };
  const theirs: FolderCard = { ...ours, kinds: ['wilds', 'align'], aligned: [align] };
  expect(gatherCards(ours, [theirs], nothingSaid, true).card?.aligned).toEqual([kept, align]);
  // A card of an older version, which names no kinds, may hold all records of any.
  const old: FolderCard = { md5, request: official };
  const few: FolderCard = { ...old, kinds: ['images'], idsOf: { images: '0-9' } };
  expect(gatherCards(few, [old], nothingSaid, true).card).toEqual({ ...old, kinds: ['images'] });
  expect(gatherCards(undefined, [old], nothingSaid, true).card).toEqual(old);
});
