import type { CardFacts } from '../../../src/domain/cards/card-facts.ts';

/** Of the whole dataset as its makers published it, with files of every kind. */
export const officialFacts: CardFacts = {
  manifest: { md5: 'a'.repeat(32), sha256: 'b'.repeat(64), bytes: 267_793_842, isOfficial: true },
  records: 70_000,
  isWhole: true,
  version: '2.0',
  removed: 0,
  made: '2026-01-02T03:04:05.000Z',
  program: 'ffhq 1.2.3',
  categories: { training: 60_000, validation: 10_000, other: 0 },
  licenses: { by: 34_860, 'by-nc': 29_190, pdm: 4_480, cc0: 1_120, 'us-gov': 350, other: 0 },
  pictures: [
    { kind: 'images', folder: 'images1024x1024', files: 70_000, bytes: 95_700_000_000, verified: 70_000 },
    { kind: 'wilds', folder: 'in-the-wild-images', files: 3, bytes: 1_000, verified: 2 },
    { kind: 'align', folder: 'unaligned1024x1024', files: 1, bytes: 1_000, verified: 1 },
  ],
  files: [
    {
      ...{ path: 'tfrecords/ffhq/ffhq-r02.tfrecords', what: 'The faces', bytes: 6_860_000 },
      ...{ encoding: 'application/octet-stream', md5: 'c'.repeat(32) },
    },
    {
      ...{ path: 'manifest.md5', what: 'MD5 of every file', bytes: 1_000, encoding: 'text/plain' },
      sha256: 'd'.repeat(64),
    },
  ],
};
