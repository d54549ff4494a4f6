import { expect, test } from 'vitest';
import { parseMd5 } from '../../../src/domain/dataset/ids.ts';
import {
  filesFor,
  licenseFiles,
  manifestFile,
  officialManifest,
  officialTotals,
  tfrecordFiles,
} from '../../../src/domain/dataset/reference-files.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';

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

test('licences come for the folder itself and for each kind that is asked for, or not at all', () => {
  expect(licenseFiles({ name: 'official' }, ['thumbs']).map(({ path }) => path)).toEqual([
    'LICENSE.txt',
    'thumbnails128x128/LICENSE.txt',
  ]);
  expect(licenseFiles({ name: 'none' }, ['thumbs'])).toEqual([]);
  const [named] = licenseFiles({ name: 'url', url: 'https://example.org/l' }, []);
  expect(named).toEqual({
    kind: 'licenses',
    key: 'LICENSE.txt',
    url: 'https://example.org/l',
    path: 'LICENSE.txt',
  });
});

test('a manifest that the user names is not put into its place before it has been read', () => {
  const request = { manifest: { name: 'other', location: 'https://example.org/m.json' } } as RunRequest;
  expect(filesFor('json', request)).toEqual([manifestFile(request.manifest)]);
  expect(manifestFile(request.manifest)).toMatchObject({
    path: '.ffhq/manifest/incoming.json',
    key: 'ffhq-dataset-v2.json',
  });
  expect(manifestFile({ name: 'official' })).toBe(officialManifest);
});
