import { expect, test } from 'vitest';
import { readTokens, withToken } from '../../../src/domain/network/tokens.ts';

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
