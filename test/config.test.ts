import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('a key file that means another one in each folder is refused by name', () => {
  expect(() => readConfig({ FFHQ_KEY_FILE: 'keys/lab' })).toThrow(
    'environment [FFHQ_KEY_FILE]: expected an absolute path, got another text',
  );
  expect(readConfig({ FFHQ_KEY_FILE: '/keys/lab' }).keyFile).toEqual({ path: '/keys/lab', isGiven: true });
});

test('what Google bears is read, or refused with what is expected', () => {
  expect(readConfig({}).googleQuota).toEqual({ requestsPerMinute: 12_000, bytesPerDay: undefined });
  expect(readConfig({ FFHQ_GOOGLE_QUOTA: 'units=1000,per-download=10,egress=2TB' }).googleQuota).toEqual({
    requestsPerMinute: 100,
    bytesPerDay: 2e12,
  });
  expect(() => readConfig({ FFHQ_GOOGLE_QUOTA: 'lots' })).toThrow(
    'environment [FFHQ_GOOGLE_QUOTA]: expected requests[=N] or units[=N], and behind commas per-download=UNITS (with units) and egress=BYTES, got lots',
  );
});

test.each([
  [{ FFHQ_GOOGLE_API_KEY: 'hunter2 with spaces' }, 'expected an API key, got something else'],
  [{ FFHQ_GOOGLE_API_KEY_FILE: 'hunter2-key' }, 'expected an absolute path, got another text'],
  [
    { FFHQ_GOOGLE_API_KEY: 'hunter2-key', FFHQ_GOOGLE_API_KEY_FILE: '/key' },
    'expected it alone, got FFHQ_GOOGLE_API_KEY too',
  ],
  [
    { FFHQ_GOOGLE_API_KEY: 'hunter2-key', FFHQ_GOOGLE_ORIGIN: 'https://drive.example' },
    'environment [FFHQ_GOOGLE_ORIGIN]: expected none, or one on this machine, since a credential is set, got another',
  ],
  [{ FFHQ_GOOGLE_LOGIN: '{"refresh_token":"hunter2"}' }, 'expected an absolute path, got another text'],
  [
    { FFHQ_GOOGLE_SERVICE_ACCOUNT: '{"private_key":"hunter2"}' },
    'expected an absolute path, got another text',
  ],
  [{ FFHQ_NOTIFY_SECRET: 'hunter2' }, 'expected at least 16 characters, got 7'],
  [
    { FFHQ_NOTIFY_SECRET: 'whsec_hunter2' },
    'expected whsec_ and at least 16 bytes in base64, got something else',
  ],
  [{ FFHQ_NOTIFY_SECRET: `whsec_hunter2${'!'.repeat(40)}` }, 'in base64, got something else'],
  [{ FFHQ_NOTIFY_SECRET: 'whsec_' }, 'in base64, got 0 bytes'],
  [{ FFHQ_NOTIFY_SECRET: 'whsec_aHVudGVyMmh1bnRl' }, 'in base64, got 12 bytes'],
  [{ FFHQ_KEY_FILE: 'hunter2-signing-key' }, 'expected an absolute path, got another text'],
  [
    { FFHQ_GOOGLE_SERVICE_ACCOUNT: '/key.json', FFHQ_GOOGLE_ORIGIN: 'https://drive.example' },
    'since a credential is set, got another',
  ],
])('a credential that cannot be used is refused without repeating it: %j', (env, problem) => {
  expect(() => readConfig(env)).toThrow(problem);
  expect(() => readConfig(env)).not.toThrow('hunter2');
});

test('an API key may go to a Google on this machine, as tests have one', () => {
  const env = { FFHQ_GOOGLE_API_KEY: 'hunter2-key', FFHQ_GOOGLE_ORIGIN: 'http://127.0.0.1:1' };
  expect(readConfig(env).googleOrigin).toBe('http://127.0.0.1:1');
});

test('a secret of notices is taken as it is, or as sixteen bytes or more in base64', () => {
  for (const secret of ['sixteen letters!', `whsec_${Buffer.alloc(16, 7).toString('base64')}`])
    expect(readConfig({ FFHQ_NOTIFY_SECRET: secret }).notifySecret).toBe(secret);
});
