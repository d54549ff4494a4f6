import { expect, test } from 'vitest';
import { ShownSecrets } from '../../../src/domain/network/shown-secrets.ts';
import { readTokens, secretsOfToken, withToken } from '../../../src/domain/network/tokens.ts';

const read = (text: string) => readTokens({ FFHQ_TOKENS: text });

test('a token is bound to its server, and goes nowhere else', () => {
  const { tokens, problems } = read(
    'mirror.example=abc  https://other.example:8443=d=e\nhttp://127.0.0.1:9=?sig=x&sv=1',
  );
  expect(problems).toEqual([]);
  const asked = (url: string) => {
    const { url: to, headers } = withToken(tokens, new URL(url));
    return [to.href, headers.authorization];
  };
  expect(asked('https://mirror.example/x')).toEqual(['https://mirror.example/x', 'Bearer abc']);
  expect(asked('https://other.example:8443/x')).toEqual(['https://other.example:8443/x', 'Bearer d=e']);
  expect(asked('http://127.0.0.1:9/x')).toEqual(['http://127.0.0.1:9/x?sig=x&sv=1', undefined]);
  expect(asked('http://127.0.0.1:9/x?a=1')).toEqual(['http://127.0.0.1:9/x?a=1&sig=x&sv=1', undefined]);
  for (const elsewhere of [
    'http://mirror.example/x',
    'https://mirror.example:8443/x',
    'https://sub.mirror.example/x',
    'https://mirror.example.evil.example/x',
    'https://other.example/x',
    'https://127.0.0.1:9/x',
  ]) {
    expect(asked(elsewhere)).toEqual([elsewhere, undefined]);
  }
});

test.each([
  'hunter2',
  '=hunter2',
  'host.example=',
  'https://u:hunter2@h.example=x',
  'h.example/path=hunter2',
  'ftp://h=hunter2',
  '[=hunter2',
  'h.example=hunter2\u00e9',
])('an entry such as %s is a problem, which does not repeat it', (entry) => {
  const { tokens, problems } = read(`ok.example=t ${entry}`);
  expect([...tokens.keys()]).toEqual(['https://ok.example']);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('environment [FFHQ_TOKENS, entry 2]');
  expect(problems[0]).not.toContain('hunter2');
});

test('a user name and a password are sent as such, and every spelling of them is known as a secret', () => {
  const { tokens, problems } = read('mirror.example=basic:me:p%20a:s%25w%C3%BC');
  expect(problems).toEqual([]);
  const { headers } = withToken(tokens, new URL('https://mirror.example/x'));
  expect(Buffer.from(String(headers.authorization).replace('Basic ', ''), 'base64').toString()).toBe(
    'me:p a:s%wü',
  );
  const [token = ''] = tokens.values();
  const sent = String(headers.authorization).replace('Basic ', '');
  expect(secretsOfToken(token)).toEqual(['p a:s%wü', 'p%20a:s%25w%C3%BC', sent]);
  expect(secretsOfToken('abc')).toEqual(['abc']);
});

test.each([
  ['?hunter2-alone', 'hunter2-alone'],
  ['?a=1&hunter2-alone', 'hunter2-alone'],
  ['?sig=hunter+two+and/more', 'hunter+two+and/more', 'hunter two and/more'],
  ['?sig=hunter%2Btwo%2Fmore', 'hunter%2Btwo%2Fmore', 'hunter+two/more'],
  ["?sig='hunter'two'", "'hunter'two'", '%27hunter%27two%27'],
  ['?sig=hunter%two', 'hunter%two'],
])('a server that repeats what %s adds to a query shows none of it', (token, ...spellings) => {
  const secrets = new ShownSecrets();
  for (const secret of secretsOfToken(token)) secrets.add(secret);
  for (const said of [token.slice(1), ...spellings])
    expect(secrets.hide(`got ${said} and nothing else`)).toMatch(/^got .{0,4}\[secret\] and nothing else$/);
});

test.each([
  'basic:hunter2',
  'basic::hunter2',
  'basic:me:',
  'basic:me:hunter2%',
  'basic:me:hunter2%0a',
  'basic:a%3ab:hunter2',
])('a login such as %s is a problem, which does not repeat it', (token) => {
  const { tokens, problems } = read(`h.example=${token}`);
  expect(tokens.size).toBe(0);
  expect(problems).toEqual([
    'environment [FFHQ_TOKENS, entry 1]: expected [https://]HOST[:PORT]=TOKEN, with TOKEN as basic:USER:PASSWORD',
  ]);
});
