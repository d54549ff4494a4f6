import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import checkCredentials from '../../src/doctor/checks/credentials.ts';

const SECRET = 'AIzaPlanted-1//0gSecret';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-doctor-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('FFHQ_')) vi.stubEnv(name, '');
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function found(env: Record<string, string> = {}) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { findings } = await checkCredentials();
  expect(JSON.stringify(findings)).not.toContain(SECRET);
  return findings;
}

function secretFile(name: string, mode: number): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, SECRET);
  chmodSync(path, mode);
  return path;
}

test('without any, Drive is asked without an account', async () => {
  expect(await found()).toEqual([expect.objectContaining({ check: 'Google sign-in', status: 'ok' })]);
});

test('each kind is named and none is shown', async () => {
  const login = secretFile('config/ffhq/google-login.json', 0o600);
  const env = {
    FFHQ_GOOGLE_API_KEY: SECRET,
    FFHQ_GOOGLE_API_KEY_FILE: secretFile('key', 0o600),
    FFHQ_GOOGLE_SERVICE_ACCOUNT: secretFile('account.json', 0o600),
    FFHQ_COOKIES: secretFile('cookies.txt', 0o600),
    FFHQ_TOKENS: `mirror.example=${SECRET}`,
    FFHQ_NOTIFY_SECRET: SECRET,
    FFHQ_KEY_FILE: secretFile('lab-key', 0o640),
  };
  const findings = await found(env);
  expect(findings.map(({ check, status }) => `${check}: ${status}`)).toEqual([
    'Google API key: ok',
    'Google API key: ok',
    'Google service account: ok',
    'Google login: ok',
    'cookies: ok',
    'tokens of mirrors: ok',
    'secret of notices: ok',
    'signing key: ok',
  ]);
  expect(findings[3]?.found).toContain(`${login} (mode 600`);
});

test('a file that others may read, that is missing, or that is none, is a problem', async () => {
  const statusOf = async (path: string) => (await found({ FFHQ_COOKIES: path }))[0];
  expect(await statusOf(secretFile('open', 0o644))).toMatchObject({
    status: 'problem',
    todo: expect.stringContaining('chmod 600'),
  });
  const link = join(folder, 'link');
  symlinkSync(secretFile('behind', 0o604), link);
  const empty = join(folder, 'empty');
  writeFileSync(empty, '', { mode: 0o600 });
  for (const path of [link, folder, empty, join(folder, 'missing')])
    expect(await statusOf(path)).toMatchObject({ status: 'problem' });
  // Not a path: somebody may have put the secret there.
  expect(await statusOf(SECRET)).toMatchObject({ status: 'problem' });
});
