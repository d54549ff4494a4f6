import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ImageId, type Md5, parseIds } from '../../../src/domain/dataset/ids.ts';
import { imageKinds, kinds, windows } from '../../../src/domain/kinds.ts';
import {
  boundsFor,
  CONTINUE_AS_NEW_EVENTS,
  cutIntoBundles,
  lanesFor,
  signalsPerShard,
} from '../../../src/domain/run/plan.ts';

const files = fc
  .uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 200 })
  .chain((ids) =>
    fc.tuple(
      ...ids
        .sort((a, b) => a - b)
        .map((id) => fc.integer({ min: 1, max: 100 }).map((size) => ({ id: id as ImageId, size }))),
    ),
  );
const bounds = fc.record({ files: fc.integer({ min: 1, max: 70 }), bytes: fc.integer({ min: 1, max: 300 }) });

test('bundles hold every file once, in order, and keep to their bounds', () => {
  fc.assert(
    fc.property(files, bounds, (all, bound) => {
      const bundles = cutIntoBundles(all, bound);
      expect(bundles.flatMap(({ ids }) => parseIds(ids))).toEqual(all.map(({ id }) => id));
      for (const bundle of bundles) {
        expect(bundle.files).toBe(parseIds(bundle.ids).length);
        expect(bundle.files).toBeLessThanOrEqual(bound.files);
        expect(bundle.files === 1 || bundle.bytes <= bound.bytes).toBe(true);
      }
    }),
  );
});

test('no bundle could have taken the first file of the next one', () => {
  fc.assert(
    fc.property(files, bounds, (all, bound) => {
      const bundles = cutIntoBundles(all, bound);
      const sizeOf = new Map(all.map(({ id, size }) => [id, size]));
      bundles.slice(1).forEach((bundle, before) => {
        const first = sizeOf.get(parseIds(bundle.ids)[0] as ImageId) ?? 0;
        const previous = bundles[before];
        const isFull = previous?.files === bound.files || (previous?.bytes ?? 0) + first > bound.bytes;
        expect(isFull).toBe(true);
      });
    }),
  );
});

test('files with the same bytes come into one bundle wherever they fit into one', () => {
  const md5s = fc.constantFrom<(Md5 | undefined)[]>(
    undefined,
    ...['a', 'b', 'c'].map((one) => one.repeat(32) as Md5),
  );
  const alike = files.chain((all) =>
    fc.tuple(...all.map((file) => md5s.map((md5) => (md5 === undefined ? file : { ...file, md5 })))),
  );
  fc.assert(
    fc.property(alike, bounds, (all, bound) => {
      const bundles = cutIntoBundles(all, bound).map((bundle) => ({ ...bundle, all: parseIds(bundle.ids) }));
      expect(bundles.flatMap((bundle) => bundle.all).sort((a, b) => a - b)).toEqual(all.map(({ id }) => id));
      for (const bundle of bundles) {
        expect(bundle.files).toBeLessThanOrEqual(bound.files);
        expect(bundle.files === 1 || bundle.bytes <= bound.bytes).toBe(true);
      }
      for (const md5 of new Set(all.flatMap((file) => ('md5' in file ? [file.md5] : [])))) {
        const same = all.filter((file) => 'md5' in file && file.md5 === md5);
        const fits =
          same.length <= bound.files && same.reduce((sum, { size }) => sum + size, 0) <= bound.bytes;
        const holding = bundles.filter((bundle) => same.some(({ id }) => bundle.all.includes(id)));
        if (fits) expect(holding).toHaveLength(1);
      }
    }),
  );
});

test('what the user asks for bounds bundles of all kinds', () => {
  for (const kind of imageKinds) {
    expect(boundsFor(kind, {})).toEqual(kinds[kind].bundle);
    expect(boundsFor(kind, { bundleFiles: 1, bundleBytes: 5 })).toEqual({ files: 1, bytes: 5 });
  }
});

test('the lanes of all shards hold at least two files for each of 32 threads', () => {
  for (const count of [1, 5, 32, 64]) {
    const bundles = Array.from({ length: 100 }, () => ({ ids: '0', files: count, bytes: 1 }));
    const lanes = lanesFor(bundles, 'images');
    expect(lanes).toBeGreaterThanOrEqual(2);
    expect(lanes * count * windows.download).toBeGreaterThanOrEqual(64);
  }
  expect(lanesFor([{ ids: '0', files: 1, bytes: 1 }], 'images')).toBe(1);
});

test('the run`s history has room for every shard and every large file, with their progress signals', () => {
  for (const largeFiles of [0, 9]) {
    for (const shards of [1, 3, 70, 140, 210, 280]) {
      const signals = signalsPerShard(shards, largeFiles);
      expect(60 + 9 * largeFiles + shards * (9 + 4 * signals)).toBeLessThanOrEqual(CONTINUE_AS_NEW_EVENTS);
    }
  }
  expect(signalsPerShard(210, 0)).toBe(1);
  expect(signalsPerShard(140, 9)).toBe(2);
});
