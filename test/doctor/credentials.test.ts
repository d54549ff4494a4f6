import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { saveLogin } from '../../src/activities/sources/google-login/login-file.ts';
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

function secretFile(name: string, mode: number, text = SECRET): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** Cookies, of an export as browsers make it, that hold until then (seconds since the epoch). */
const cookiesUntil = (time: number) => `.google.com\tTRUE\t/\tTRUE\t${time}\tSID\t${SECRET}\n`;

test('without any, Drive is asked without an account', async () => {
  expect(await found()).toEqual([expect.objectContaining({ check: 'Google sign-in', status: 'ok' })]);
});

test('each kind is named and none is shown', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const account = JSON.stringify({ type: 'service_account', client_email: 'a@b.example', private_key: pem });
  const login = join(folder, 'config/ffhq/google-login.json');
  await saveLogin(login, { client: { id: 'a-client', secret: SECRET }, refreshToken: SECRET });
  const env = {
    FFHQ_GOOGLE_API_KEY: SECRET,
    FFHQ_GOOGLE_API_KEY_FILE: secretFile('key', 0o600),
    FFHQ_GOOGLE_SERVICE_ACCOUNT: secretFile('account.json', 0o600, account),
    FFHQ_COOKIES: secretFile('cookies.txt', 0o600, cookiesUntil(4e9)),
    FFHQ_TOKENS: `mirror.example=${SECRET}`,
    FFHQ_NOTIFY_SECRET: SECRET,
    FFHQ_KEY_FILE: secretFile('lab-key', 0o640, SECRET.repeat(2)),
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

test.each([
  ['FFHQ_COOKIES', 'no cookies', SECRET],
  ['FFHQ_COOKIES', 'cookies that have expired', cookiesUntil(1_000)],
  ['FFHQ_GOOGLE_LOGIN', 'no login', `{"refresh": "${SECRET}"}`],
  ['FFHQ_GOOGLE_SERVICE_ACCOUNT', 'no key of an account', `{"private_key": "${SECRET}"}`],
  ['FFHQ_KEY_FILE', 'a key that is too short', SECRET],
])(
  'what a worker would not take is a problem, with nothing of it shown: %s has %s',
  async (name, _, text) => {
    const findings = await found({ [name]: secretFile('file', 0o600, text) });
    expect(findings).toContainEqual(
      expect.objectContaining({ status: 'problem', found: expect.stringContaining('expected') }),
    );
  },
);
