import { describe, expect, test } from 'vitest';
import { SourceRequestError } from '../../../../src/activities/sources/contract/source-definition.ts';
import {
  asksFileUrls,
  chain,
  chainOf,
  definitionOf,
  describeSource,
  plannedSources,
  sourceFlagsOf,
  sourcesIn,
} from '../../../../src/activities/sources/index.ts';
import { patienceOf } from '../../../../src/domain/chain/patience.ts';
import type { SourceRequest } from '../../../../src/domain/run/request.ts';
import { MINUTE } from '../../../../src/domain/run/time-units.ts';
import { flagsGiven } from '../flag-reader.ts';

const mirror = {
  name: 'http-mirror',
  baseUrl: 'https://mirror.example/',
  baseUrl2: 'https://other.example/',
};
const drive = { name: 'google-drive' };

test('each source reads its own flags, and the request says all of it again', () => {
  const flags = { '--source': 'zip,google-drive', '--zip': 'a.zip', '--patience': '3' };
  const request = chain.read(flagsGiven(flags));
  expect(request).toEqual({
    name: 'chain',
    patience: String(3 * MINUTE),
    source1: 'zip',
    'source1.archive1': '/given/a.zip',
    source2: 'google-drive',
  });
  expect(sourcesIn(request)).toEqual([{ name: 'zip', archive1: '/given/a.zip' }, drive]);
  expect(sourceFlagsOf(request)).toEqual([
    ['--source', 'zip,google-drive'],
    ['--zip', '/given/a.zip'],
    ['--patience', '180s'],
  ]);
  expect(describeSource(request)).toBe('/given/a.zip, then Google Drive');
});

test('a file waits ten minutes for one source where nothing else is said, and for a single source as long as it takes', () => {
  expect(patienceOf(chain.read(flagsGiven({ '--source': 'google-drive,tar', '--tar': 'a.tar' })))).toBe(
    10 * MINUTE,
  );
  expect(patienceOf({ ...chainOf([drive, mirror], 5), patience: 'soon' })).toBe(10 * MINUTE);
  expect(patienceOf(drive)).toBe(Number.POSITIVE_INFINITY);
});

test('what its sources need is what it needs: hosts, URLs, places, requests', () => {
  const request = chainOf([drive, mirror], MINUTE);
  expect(
    definitionOf(request)
      .namedUrls(request)
      .map(({ host }) => host),
  ).toEqual(['mirror.example', 'other.example']);
  expect(definitionOf(request).places?.(request)).toEqual([
    drive,
    { name: 'http-mirror', baseUrl: 'https://mirror.example/' },
    { name: 'http-mirror', baseUrl: 'https://other.example/' },
  ]);
  expect(asksFileUrls(request)).toBe(true);
  expect(asksFileUrls(chainOf([mirror, { name: 'tar', archive1: '/a.tar' }], MINUTE))).toBe(false);
  expect(plannedSources(request).map(({ source, requestsFor: of }) => [source, of(1e9)])).toEqual([
    ['google-drive', 2],
    ['http-mirror', 1],
  ]);
});

test.each([
  ['google-drive,google-drive', 'flag [--source]: expected each source once, got google-drive twice'],
  ['google-drive,ftp', 'source [name=ftp]: expected one of google-drive, '],
  ['google-drive,chain', 'source [name=chain]: expected one of google-drive, '],
  ['google-drive,', 'source [name=]: expected one of google-drive, '],
  ['google-drive,http-mirror', 'flag [--mirror-url]: expected the base URL of the mirror, got nothing'],
  ['a,b,c,d,e,f,g,h,i', 'flag [--source]: expected at most 8 sources, got 9'],
])('refused: --source %s', (source, message) => {
  expect(() => chain.read(flagsGiven({ '--source': source }))).toThrow(message);
});

describe('a request that is none', () => {
  const requests: readonly (readonly [what: string, request: unknown])[] = [
    ['of one source', chainOf([drive], MINUTE)],
    ['of nothing', { name: 'chain' }],
    [
      'with a chain in it',
      { name: 'chain', source1: 'google-drive', source2: 'chain', 'source2.source1': 'tar' },
    ],
    ['with the same twice', chainOf([mirror, mirror], MINUTE)],
    ['with something else in it', { name: 'chain', source1: 5, source2: 'google-drive' }],
    ['with an unknown source', chainOf([drive, { name: 'ftp' }], MINUTE)],
  ];
  test.each(requests)('%s is refused, and asks nobody', (_, given) => {
    const request = given as SourceRequest;
    expect(() => definitionOf(request).describe(request)).toThrow(SourceRequestError);
    expect(describeSource(request)).toMatch(/^source /);
    expect(sourceFlagsOf(request)[0]?.[0]).toBe('--source');
  });
});
