import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeTinyDataset } from '../../src/sample/make-tiny-dataset.ts';
import {
  digestsOf,
  expectAsPromised,
  freshFolder,
  keysOf,
  readManifest,
  recordKeys,
} from './made-dataset.ts';

test('pictures are real and all different, with right digests and the whole schema', async () => {
  const sample = await makeTinyDataset({ folder: await freshFolder(), records: 40 });
  const records = Object.values(await readManifest(sample));
  expect(records).toHaveLength(40);
  const pixels = new Set<string | undefined>();
  for (const record of records) {
    expect(keysOf(record)).toEqual(recordKeys);
    for (const file of [record.image, record.thumbnail, record.in_the_wild]) {
      await expectAsPromised(sample, file);
      pixels.add(file?.pixel_md5);
    }
  }
  expect(pixels.size).toBe(3 * 40);
});

test('pictures differ even without noise', async () => {
  const sample = await makeTinyDataset({
    folder: await freshFolder(),
    records: 300,
    kinds: ['thumbs'],
    noiseBits: 0,
  });
  const records = Object.values(await readManifest(sample));
  expect(new Set(records.map(({ thumbnail }) => thumbnail?.pixel_md5)).size).toBe(300);
});

test('ids may have gaps, and go into the folders of the real layout', async () => {
  const folder = await freshFolder();
  const sample = await makeTinyDataset({ folder, ids: [3, 999, 1000, 69_999], pngSize: 8 });
  expect(Object.keys(await readManifest(sample))).toEqual(['3', '999', '1000', '69999']);
  const pictures = (await readdir(folder, { recursive: true })).filter((name) => name.startsWith('images'));
  expect(pictures.filter((name) => name.endsWith('.png')).sort()).toEqual([
    'images1024x1024/00000/00003.png',
    'images1024x1024/00000/00999.png',
    'images1024x1024/01000/01000.png',
    'images1024x1024/69000/69999.png',
  ]);
});

test('kinds that are not wanted are left out, and pictures have the size asked for', async () => {
  const folder = await freshFolder();
  const sample = await makeTinyDataset({ folder, records: 2, kinds: ['thumbs'], pngSize: { thumbs: 20 } });
  for (const record of Object.values(await readManifest(sample))) {
    expect(Object.keys(record)).toEqual(['category', 'metadata', 'thumbnail']);
    expect(record.thumbnail?.pixel_size).toEqual([20, 20]);
    await expectAsPromised(sample, record.thumbnail);
  }
  expect((await readdir(folder)).sort()).toEqual([
    '.ffhq-made.json',
    'LICENSE.txt',
    'ffhq-dataset-v2.json',
    'thumbnails128x128',
  ]);
});

test('the bytes are the same every time, and a complete folder is used as it is', async () => {
  const folder = await freshFolder();
  const first = await makeTinyDataset({ folder, records: 20 });
  expect(digestsOf(await makeTinyDataset({ folder: await freshFolder(), records: 20 }))).toEqual(
    digestsOf(first),
  );
  expect(await makeTinyDataset({ folder, records: 20 })).toEqual(first);
});

test('ids that descend, repeat, are out of range, or are none are refused', async () => {
  const folder = await freshFolder();
  for (const ids of [[2, 1], [1, 1], [100_000], [-1], [0.5], []]) {
    await expect(makeTinyDataset({ folder, ids })).rejects.toThrow(RangeError);
  }
  await expect(makeTinyDataset({ folder })).rejects.toThrow(RangeError);
});
