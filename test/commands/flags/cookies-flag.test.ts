import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { readCookies } from '../../../src/commands/flags/cookies-flag.ts';
import { readConfig } from '../../../src/config.ts';
import { SavedCookies } from '../../../src/domain/network/cookie-file.ts';
import { giveInProcess } from '../../support/in-process.ts';

const given = mkdtempSync(join(tmpdir(), 'ffhq-cookies-'));
afterAll(() => rmSync(given, { recursive: true }));

const GOOD = '.google.com\tTRUE\t/\tTRUE\t0\tSID\tcanary\n';
const file = (name: string, text = GOOD, mode = 0o600): string => {
  const path = join(given, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const read = (values: object, env: Readonly<Record<string, string>> = {}) =>
  readCookies(values, { given, project: '/' }, readConfig(env));

test('without a file there are none; the flag goes before the environment; a link serves', () => {
  expect(read({})).toBeUndefined();
  file('good.txt');
  symlinkSync(join(given, 'good.txt'), join(given, 'link.txt'));
  for (const cookies of ['good.txt', 'link.txt', join(given, 'good.txt')])
    expect(read({ cookies }, { FFHQ_COOKIES: '/nowhere' })).toBeInstanceOf(SavedCookies);
  expect(read({}, { FFHQ_COOKIES: join(given, 'good.txt') })).toBeInstanceOf(SavedCookies);
});

test.each([0o644, 0o640, 0o604, 0o620, 0o602])('a file of mode %o is refused', (mode) => {
  const cookies = file(`mode-${mode}.txt`, GOOD, mode);
  expect(() => read({ cookies })).toThrow(
    /flag \[--cookies\]: expected a file that nobody else may read \(chmod 600\)/,
  );
});

test.each([
  ['', /expected a file, got nothing/],
  ['nowhere.txt', /expected a file that can be read, got ENOENT/],
  ['.', /expected a regular file, got something else/],
  ['pipe', /expected a regular file, got something else/],
  ['json.txt', /Netscape format/],
  ['large.txt', /expected at most 1048576 bytes, got 1048577/],
])('a file that is no good (%s) is refused at the command line, with what is wrong', (cookies, message) => {
  file('json.txt', '[]');
  file('large.txt', '#'.repeat(1024 ** 2 + 1));
  if (cookies === 'pipe') execFileSync('mkfifo', ['-m', '600', join(given, 'pipe')]);
  expect(() => read({ cookies })).toThrow(message);
});

test.runIf(process.geteuid?.() === 0)('a file of another user is refused', () => {
  const cookies = file('theirs.txt');
  chownSync(cookies, 65_534, 65_534);
  expect(() => read({ cookies })).toThrow(/expected a file of this user, got one of user 65534/);
});

test('cookies and another machine in the place of Google do not go together', () => {
  const cookies = file('origin.txt');
  for (const origin of ['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9'])
    expect(read({ cookies }, { FFHQ_GOOGLE_ORIGIN: origin })).toBeInstanceOf(SavedCookies);
  for (const origin of ['https://drive.example', 'http://127.0.0.1.example', 'http://localhost.example:9'])
    expect(() => read({ cookies }, { FFHQ_GOOGLE_ORIGIN: origin })).toThrow(/cookies are for Google alone/);
});

test.each(['run', 'verify', 'worker'])(
  '`%s` refuses a file that others may read with exit code 2',
  async (verb) => {
    const cookies = file('open.txt', GOOD, 0o644);
    await ensureStore(given);
    const out = verb === 'worker' ? [] : ['--out', given, '--images'];
    const { exitCode, output } = await giveInProcess([verb, ...out, '--cookies', cookies]);
    expect({ exitCode, output }).toMatchObject({ exitCode: 2, output: expect.stringContaining('chmod 600') });
    expect(output).not.toContain('canary');
  },
);

test('the environment’s path is absolute, or refused with exit code 2', async () => {
  const { exitCode, output } = await giveInProcess(['list'], { env: { FFHQ_COOKIES: 'cookies.txt' } });
  expect({ exitCode, output }).toMatchObject({
    exitCode: 2,
    output: expect.stringContaining('environment [FFHQ_COOKIES]: expected an absolute path'),
  });
});
