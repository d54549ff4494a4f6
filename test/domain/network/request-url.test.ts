import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestError, refuseSecrets } from '../../../src/domain/network/request-url.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { archiveRequest } from '../../support/request-of.ts';

const refusal = (fields: unknown): string | undefined => {
  try {
    refuseSecrets({ ...archiveRequest, ...(fields as Partial<RunRequest>) });
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
};

test.each([
  ['manifest', { manifest: { name: 'other', location: 'https://h.example/m.json?token=hunter2' } }],
  ['license', { license: { name: 'url', url: 'https://u:hunter2@h.example/l' } }],
  ['source.baseUrl', { source: { name: 'http-mirror', baseUrl: 'https://h.example/#hunter2' } }],
  ['source.other', { source: { name: 'a-later-one', other: ' HTTPS://h.example/?hunter2' } }],
])('a secret in a URL of a request is refused before it is written anywhere: %s', (field, fields) => {
  const said = refusal(fields);
  expect(said).toContain(`request [${field}]: expected a URL without`);
  expect(said).toContain('FFHQ_TOKENS');
  expect(said).not.toContain('hunter2');
});

test.each([
  ['manifest', { manifest: { name: 'other', location: '/home/ann/ https:/u:hunter2@h.example/m.json' } }],
  [
    'source.archive2',
    { source: { name: 'zip', archive2: '/home/ann/ https:/u:hunter2@h.example/a.zip?t=hunter2' } },
  ],
  ['source.path', { source: { name: 'local-dir', path: '/home/ann/HTTPS:/u:hunter2@h.example' } }],
])('a URL that was taken for a path is refused, for what it may hold: %s', (field, fields) => {
  const said = refusal(fields);
  expect(said).toBe(`request [${field}]: expected a path, got one with a URL in it`);
});

test.each([
  [
    'manifest',
    { manifest: { name: 'other', location: 'https://drive.google.com/uc?id=1&resourcekey=0-hunter2' } },
  ],
  [
    'manifest',
    { manifest: { name: 'other', location: 'https://drive.google.com/file/d/1/view?ResourceKey=hunter2' } },
  ],
  ['license', { license: { name: 'url', url: 'https://docs.google.com/uc?resourcekey=hunter2&id=1' } }],
  ['source.url', { source: { name: 'zip', url: 'https://h.example/a.zip?resourcekey=hunter2' } }],
])(
  'a resource key of Drive lets its readers in: it is refused, with what to do instead: %s',
  (field, fields) => {
    const said = refusal(fields);
    expect(said).toContain(`request [${field}]: expected a URL without resourcekey, got one with it`);
    expect(said).toContain('download the file and give its path');
    expect(said).not.toContain('hunter2');
  },
);

test.each([
  'https://1.2.3.4.bc.googleusercontent.com/?id=hunter2',
  'https://doc-0-0-docs.googleusercontent.com/uc?export=download&id=hunter2',
  'https://accounts.google.com/?id=hunter2',
  'https://drive.google.com.h.example/uc?id=hunter2',
  'https://drive.google.com/uc?id=1&authuser=hunter2',
  'https://drive.google.com/uc?id=1&usp=hunter2',
  'https://drive.google.com/uc?id=1&constructor=hunter2',
])('a query is what names a file of Drive`s own hosts, or it is refused: %s', (location) => {
  const said = refusal({ manifest: { name: 'other', location } });
  expect(said).toContain('got one with a query');
  expect(said).not.toContain('hunter2');
});

test.each([
  [
    {
      manifest: {
        name: 'other',
        location: 'https://drive.google.com/uc?export=download&id=1-a_B&authuser=0',
      },
    },
  ],
  [{ license: { name: 'url', url: 'https://drive.usercontent.google.com/download?id=1&usp=drive_link' } }],
  [{ manifest: { name: 'other', location: 'https://drive.google.com/uc?id=1' } }],
  [{ manifest: { name: 'other', location: '/data/what?.json' } }],
  [{ license: { name: 'url', url: 'https://h.example/LICENSE.txt' } }],
  [{ source: { name: 'local-dir', path: '/data/a?b#c' } }],
])('what holds none passes: %j', (fields) => {
  expect(refusal(fields)).toBeUndefined();
});

test('an input of any form is refused in words or passed on, never a fault', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (manifest, license, source) => {
      refusal({ manifest, license, source });
    }),
    { numRuns: 300 },
  );
});
