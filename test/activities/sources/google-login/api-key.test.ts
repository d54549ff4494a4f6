import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { apiKey } from '../../../../src/activities/sources/google-login/api-key.ts';
import type { GoogleCredential } from '../../../../src/activities/sources/google-login/credential.ts';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { ShownSecrets } from '../../../../src/domain/network/shown-secrets.ts';
import { never } from '../reading.ts';

function credentialOf(env: Readonly<Record<string, string>>) {
  const http = makeHttpClient({ connections: 1 });
  onTestFinished(() => http.close());
  const secrets = new ShownSecrets();
  return { credential: apiKey({ env, http, secrets }), secrets };
}

async function keyFile(text: string, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'key');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const signed = (key: string) => ({ status: 'signed', headers: { 'x-goog-api-key': key } });
const headersOf = (credential: GoogleCredential | undefined, renew?: boolean) =>
  credential?.headers(never, renew);

test('a key is the environment’s, and shown nowhere from then on', async () => {
  const { credential, secrets } = credentialOf({ FFHQ_GOOGLE_API_KEY: 'AIza-a-key' });
  expect(await headersOf(credential)).toEqual(signed('AIza-a-key'));
  expect(secrets.hide('got AIza-a-key')).toBe('got [secret]');
});

test('a key may lie in a file that nobody else may read; what is put there later counts when it is renewed', async () => {
  const path = await keyFile('AIza-first\n');
  const { credential } = credentialOf({ FFHQ_GOOGLE_API_KEY_FILE: path });
  expect(await headersOf(credential)).toEqual(signed('AIza-first'));
  await writeFile(path, 'AIza-second');
  expect(await headersOf(credential)).toEqual(signed('AIza-first'));
  expect(await headersOf(credential, true)).toEqual(signed('AIza-second'));
  expect(await headersOf(credential)).toEqual(signed('AIza-second'));
});

test.each([
  [
    'may be read by others',
    'AIza-secret-key',
    0o640,
    'expected a file that others may not read (chmod 600), got mode 640',
  ],
  ['is longer than any key', 'x'.repeat(2000), 0o600, 'expected at most 1024 bytes, got 2000'],
  ['holds something else', 'AIza secret key', 0o600, 'expected an API key, got something else'],
  ['is empty', '', 0o600, 'expected an API key, got something else'],
])(
  'a key file that %s is refused without a word of it, and taken once it is mended',
  async (_, text, mode, problem) => {
    const path = await keyFile(text, mode);
    const { credential } = credentialOf({ FFHQ_GOOGLE_API_KEY_FILE: path });
    const refused = await headersOf(credential);
    expect(refused).toMatchObject({ status: 'failed', failure: { reason: 'credential' } });
    expect(JSON.stringify(refused)).toContain(problem);
    expect(JSON.stringify(refused)).not.toMatch(/secret|xxx/);
    await writeFile(path, 'AIza-mended');
    await chmod(path, 0o600);
    expect(await headersOf(credential)).toEqual(signed('AIza-mended'));
  },
);

test('a key file that is away or no file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'sub'));
  for (const [name, problem] of [
    ['none', 'expected a file that can be read, got ENOENT'],
    ['sub', 'expected a regular file, got something else'],
  ]) {
    const { credential } = credentialOf({ FFHQ_GOOGLE_API_KEY_FILE: join(folder, name ?? '') });
    expect(JSON.stringify(await headersOf(credential))).toContain(problem);
  }
});

test('nothing in the environment, or nothing but an empty value, is no key', () => {
  expect(credentialOf({}).credential).toBeUndefined();
  expect(credentialOf({ FFHQ_GOOGLE_API_KEY: '', FFHQ_GOOGLE_API_KEY_FILE: '' }).credential).toBeUndefined();
});
