import { expect, test } from 'vitest';
import { officialManifest } from '../../../src/domain/dataset/reference-files.ts';
import { licenseFiles, listed, manifestFile } from '../../../src/domain/run/listed-files.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';

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
  expect(listed.json.files(request)).toEqual([manifestFile(request.manifest)]);
  expect(manifestFile(request.manifest)).toMatchObject({
    path: '.ffhq/manifest/incoming.json',
    key: 'ffhq-dataset-v2.json',
  });
  expect(manifestFile({ name: 'official' })).toBe(officialManifest);
});
