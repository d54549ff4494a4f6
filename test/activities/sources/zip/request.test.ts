import { expect, test } from 'vitest';
import { zipFiles } from '../../../../src/activities/sources/zip/request.ts';
import { driveUrl } from '../../../../src/domain/dataset/reference-files.ts';
import { refuseSecrets } from '../../../../src/domain/network/request-url.ts';
import type { RunRequest } from '../../../../src/domain/run/request.ts';
import { flagsGiven } from '../flag-reader.ts';

test('zips are a field each, in the order in which they are asked; URLs name their hosts', () => {
  const given = `images1024x1024.zip,https://mirror.example/thumbs.zip,${driveUrl('1WvlAIvuochQn')}`;
  const request = zipFiles.read(flagsGiven({ '--zip': given }));
  expect(request).toEqual({
    name: 'zip',
    archive1: '/given/images1024x1024.zip',
    archive2: 'https://mirror.example/thumbs.zip',
    archive3: 'https://drive.google.com/uc?id=1WvlAIvuochQn',
  });
  expect(zipFiles.namedUrls(request).map(({ host }) => host)).toEqual(['mirror.example', 'drive.google.com']);
  const [[flag, value] = ['', '']] = zipFiles.flagsOf(request);
  expect([flag, value]).toEqual(['--zip', given.replace('images', '/given/images')]);
  expect(zipFiles.describe(request)).toBe(value.replaceAll(',', ', '));
});

test('without its flag those are meant that --zips has fetched', () => {
  const fetchedZips = () => ['/out/zips/images1024x1024.zip'];
  const request = zipFiles.read({ ...flagsGiven({}), fetchedZips });
  expect(request).toEqual({ name: 'zip', archive1: '/out/zips/images1024x1024.zip' });
});

test('without any it is refused', () => {
  const said = 'flag [--zip]: expected at least one zip archive, got nothing';
  expect(() => zipFiles.read(flagsGiven({}))).toThrow(said);
  expect(() => zipFiles.read({ ...flagsGiven({}), places: () => [] })).toThrow(said);
});

test.each(['https://user:hunter2@mirror.example/a.zip', 'https://mirror.example/a.zip?token=hunter2'])(
  'a URL with what may be a secret is refused in each place, and not repeated: %s',
  (url) => {
    const request = { name: 'zip', archive1: '/a.zip', archive2: url };
    for (const read of [
      () => zipFiles.describe(request),
      () => refuseSecrets({ source: request } as never as RunRequest),
    ]) {
      expect(read).toThrow(/archive2.*FFHQ_TOKENS/);
      expect(read).not.toThrow(/hunter2/);
    }
  },
);

test.each([
  {},
  { archive1: '' },
  { archive1: 'a.zip' },
  { archive1: 5 },
  { archive1: 'ftp://u:hunter2@x/a.zip' },
  { archive2: '/a.zip' },
])('a request such as %j names no archive', (fields) => {
  const request = { name: 'zip', ...(fields as Record<string, string>) };
  expect(() => zipFiles.describe(request)).toThrow(/^source \[name=zip\]: expected an? .*archive1, got /);
  expect(() => zipFiles.namedUrls(request)).not.toThrow(/hunter2/);
});
