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
