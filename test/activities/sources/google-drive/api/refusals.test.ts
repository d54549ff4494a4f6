import { expect, test } from 'vitest';
import type { SourceFailureReason } from '../../../../../src/domain/failure/source-failure.ts';
import type { Behaviour } from '../../../../../src/stand-in/behaviours.ts';
import { outcomeOf } from '../../reading.ts';
import { apiDrive, file, KEY } from './api-drive.ts';

type Row = [
  status: number,
  reason: string | undefined,
  means: SourceFailureReason,
  body?: 'empty' | 'invalid' | 'html',
];

const rows: readonly Row[] = [
  [400, 'badRequest', 'bad-request'],
  [400, 'invalidParameter', 'bad-request'],
  [400, 'keyInvalid', 'credential'],
  [401, 'authError', 'credential'],
  [403, 'userRateLimitExceeded', 'rate-limited'],
  [403, 'rateLimitExceeded', 'rate-limited'],
  [403, 'sharingRateLimitExceeded', 'rate-limited'],
  [403, 'dailyLimitExceeded', 'daily-limit'],
  [403, 'dailyLimitExceededUnreg', 'credential'],
  [403, 'accessNotConfigured', 'credential'],
  [403, 'downloadQuotaExceeded', 'quota'],
  [403, 'cannotDownloadAbusiveFile', 'infected'],
  [403, 'abuse', 'infected'],
  [403, 'fileNotDownloadable', 'not-downloadable'],
  [403, 'cannotDownloadFile', 'not-downloadable'],
  [403, 'insufficientFilePermissions', 'private'],
  [403, 'appNotAuthorizedToFile', 'private'],
  [403, 'domainPolicy', 'private'],
  [403, 'storageQuotaExceeded', 'server-error'],
  [403, 'aReasonOfNextYear', 'server-error'],
  [404, 'notFound', 'missing'],
  [416, 'requestedRangeNotSatisfiable', 'range-mismatch'],
  [429, 'rateLimitExceeded', 'rate-limited'],
  [500, 'internalError', 'server-error'],
  [502, 'backendError', 'server-error'],
  [503, 'backendError', 'server-error'],
  [504, 'backendError', 'server-error'],
  // Without a word of Google's the status says what it can.
  [403, undefined, 'server-error', 'empty'],
  [403, undefined, 'server-error', 'invalid'],
  [404, undefined, 'missing', 'empty'],
  [429, undefined, 'rate-limited', 'empty'],
  [500, undefined, 'server-error', 'invalid'],
  [401, undefined, 'credential', 'html'],
  // The page for robots, in place of JSON.
  [403, undefined, 'blocked', 'html'],
  [429, undefined, 'blocked', 'html'],
];

test.each<Row>(rows)('API: status %i with %s is %s (body: %s)', async (status, reason, means, body) => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-error', status, reason, body });
  const { failure } = await outcomeOf(source, file);
  expect(failure?.reason).toBe(means);
  expect(failure?.detail).toMatch(
    /^open \[file=images1024x1024\/00000\/00042\.png host=www\.googleapis\.com\]: expected the file, got /,
  );
  expect(JSON.stringify(failure)).not.toContain(KEY);
  // Each is asked once; a 401 once more, for the key may have been changed.
  expect(standIn.requests.map(({ status }) => status)).toEqual(status === 401 ? [401, 401] : [status]);
});

test.each<[SourceFailureReason, string]>([
  ['blocked', 'https://www.google.com/sorry/index?continue=https://drive.google.com/uc'],
  ['private', 'https://accounts.google.com/ServiceLogin'],
])('API: a redirect is %s where it leads to %s', async (means, to) => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-redirect', to });
  expect((await outcomeOf(source, file)).failure?.reason).toBe(means);
  expect(standIn.requests).toHaveLength(1);
});

test('what is named by its status and word is told with Google’s word and what to do', async () => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-error', status: 403, reason: 'accessNotConfigured' });
  expect((await outcomeOf(source, file)).failure?.detail).toContain(
    'status 403 accessNotConfigured: enable the Google Drive API in the project of the key or login',
  );
});

test.each<[string, Behaviour]>([
  ['a longer body than an envelope', { kind: 'api-error', status: 403, reason: 'x'.repeat(500_000) }],
  ['a word that is none', { kind: 'api-error', status: 403, reason: '\u001b[31m quota </b> [x](y)' }],
])('%s is an unknown refusal, of which nothing is repeated', async (_, behaviour) => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', behaviour);
  const { failure } = await outcomeOf(source, file);
  expect(failure).toEqual({
    reason: 'server-error',
    detail: expect.stringMatching(/expected the file, got status 403$/),
  });
});

test('an error with Retry-After is not broken, but busy', async () => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-error', status: 503, reason: 'backendError', retryAfter: '7' });
  const { failure } = await outcomeOf(source, file);
  expect(failure).toMatchObject({ reason: 'rate-limited', host: 'www.googleapis.com' });
  expect(failure?.retryAfterMs).toBeGreaterThanOrEqual(7000);
  expect(failure?.retryAfterMs).toBeLessThan(8000);
});

test.each<[string, SourceFailureReason, Behaviour | readonly Behaviour[]]>([
  ['a reset', 'connection', { kind: 'reset-before-headers' }],
  ['no answer', 'timeout', { kind: 'stall-before-headers' }],
  ['a cut', 'connection', { kind: 'cut', afterBytes: 100_000, how: 'reset' }],
  ['an end too soon', 'connection', { kind: 'cut', afterBytes: 100_000, how: 'close' }],
  ['no more bytes', 'timeout', { kind: 'stall', afterBytes: 100_000 }],
  ['a shorter file', 'short-body', { kind: 'truncate', toBytes: 100_000 }],
  ['a longer file', 'oversized-body', { kind: 'extra-bytes', bytes: 5 }],
  [
    'a chunked body that ends early',
    'short-body',
    [
      { kind: 'no-length', framing: 'chunked' },
      { kind: 'truncate', toBytes: 7 },
    ],
  ],
  ['a quota page with status 200', 'quota', { kind: 'quota' }],
  ['an unknown page with status 200', 'unknown-page', { kind: 'unknown-page' }],
])('API: %s is %s, as everywhere', async (_, means, behaviour) => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', behaviour);
  expect((await outcomeOf(source, file)).failure?.reason).toBe(means);
});

test('Drive away altogether is no file’s fault', async () => {
  const { standIn, source } = await apiDrive();
  await standIn.close();
  expect((await outcomeOf(source, file)).failure).toMatchObject({
    reason: 'network-down',
    host: 'www.googleapis.com',
  });
});
