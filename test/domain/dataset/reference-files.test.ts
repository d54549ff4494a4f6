import { expect, test } from 'vitest';
import { parseMd5 } from '../../../src/domain/dataset/ids.ts';
import {
  officialManifest,
  officialTotals,
  rangeFiles,
  tfrecordFiles,
  zipFiles,
} from '../../../src/domain/dataset/reference-files.ts';
import { licenseFiles } from '../../../src/domain/run/listed-files.ts';

test('the reference`s own files are named whole: digest, size, a Drive id of their own', () => {
  const files = [
    officialManifest,
    ...tfrecordFiles,
    ...licenseFiles({ name: 'official' }, ['images', 'thumbs', 'wilds', 'tfrecords']),
  ];
  for (const file of files) {
    expect(parseMd5(file.md5)).toBe(file.md5);
    expect(file.size).toBeGreaterThan(0);
    expect(file.url).toMatch(/^https:\/\/drive\.google\.com\/uc\?id=[\w-]{33}$/);
  }
  expect(new Set(files.map(({ url }) => url)).size).toBe(files.length);
  expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
  expect(tfrecordFiles.map(({ path }) => path)).toEqual(
    ['02', '03', '04', '05', '06', '07', '08', '09', '10'].map(
      (level) => `tfrecords/ffhq/ffhq-r${level}.tfrecords`,
    ),
  );
  expect(tfrecordFiles.length).toBe(officialTotals.tfrecords.files);
});

test('a worker knows every file that runs have fetched by byte ranges, the official manifest among them', () => {
  expect(rangeFiles).toEqual([officialManifest, ...tfrecordFiles, ...zipFiles]);
  expect(new Set(rangeFiles.map(({ url }) => url)).size).toBe(rangeFiles.length);
  expect(zipFiles.length).toBe(officialTotals.zips.files);
});
