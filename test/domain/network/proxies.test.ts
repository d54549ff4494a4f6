import { expect, test } from 'vitest';
import { isLoopback, proxyFor, proxyName, readProxies } from '../../../src/domain/network/proxies.ts';

const both = { HTTP_PROXY: 'http://plain.corp:3128', HTTPS_PROXY: 'http://tunnel.corp:3129' };

function through(env: Readonly<Record<string, string>>, url: string): string | undefined {
  const { settings, problems } = readProxies(env);
  expect(problems).toEqual([]);
  return proxyFor(settings, new URL(url))?.host;
}

test('each protocol has its own proxy, and neither stands in for the other', () => {
  expect(through(both, 'https://drive.google.com/uc')).toBe('tunnel.corp:3129');
  expect(through(both, 'http://mirror.example/x')).toBe('plain.corp:3128');
  expect(through({ HTTP_PROXY: 'http://plain.corp' }, 'https://drive.google.com/')).toBeUndefined();
});

test('lower case wins where both are set, and an empty value is not set', () => {
  expect(through({ ...both, https_proxy: 'lower.corp:1' }, 'https://x.example/')).toBe('lower.corp:1');
  expect(through({ ...both, https_proxy: '' }, 'https://x.example/')).toBe('tunnel.corp:3129');
  expect(through({ ...both, NO_PROXY: 'x.example', no_proxy: 'y.example' }, 'https://x.example/')).toBe(
    'tunnel.corp:3129',
  );
});

test.each([
  ['x.example', 'https://x.example/', true],
  ['x.example', 'https://a.x.example/', true],
  ['.x.example', 'https://x.example/', true],
  ['*.x.example', 'https://a.x.example/', true],
  ['X.Example', 'https://x.example/', true],
  ['x.example', 'https://xx.example/', false],
  ['x.example', 'https://x.example.com/', false],
  ['x.example:443', 'https://x.example/', true],
  ['x.example:8443', 'https://x.example/', false],
  ['a.example, x.example b.example', 'https://x.example/', true],
  ['*', 'https://x.example/', true],
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.1.2.3', 'https://10.1.2.3/', true],
  ['[fd00::1]:8443', 'https://[fd00::1]:8443/', true],
  ['fd00::1', 'https://[fd00::1]/', true],
  ['', 'https://x.example/', false],
])('NO_PROXY=%s and %s: asked directly is %s', (noProxy, url, isDirect) => {
  expect(through({ ...both, NO_PROXY: noProxy }, url) === undefined).toBe(isDirect);
});

test('this machine is never asked through a proxy', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', 'sample.localhost', '[::1]']) {
    expect(isLoopback(new URL(`http://${host}:80/`).hostname)).toBe(true);
    expect(through(both, `http://${host}:8080/`)).toBeUndefined();
  }
  for (const host of ['128.0.0.1', 'localhost.example', '[::2]']) expect(isLoopback(host)).toBe(false);
});

test('a proxy that cannot be used is a problem that names the variable and repeats no secret', () => {
  for (const value of [
    'ftp://u:secret@p.corp',
    'http://',
    'socks5://u:secret@p',
    'http://u:%zzsecret@p.corp',
    // What is behind the mark passed for no part of it, and what is before it for host and port.
    'http://bob:12345#secret@p.corp',
    'http://bob:12345/secret@p.corp',
    'http://bob:12345?secret@p.corp',
    'http://us%:41secret@p.corp',
  ]) {
    const { problems } = readProxies({ https_proxy: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('[https_proxy]');
    expect(problems[0]).not.toContain('secret');
  }
});

test('the name of a proxy has no user and no password', () => {
  expect(proxyName(new URL('http://user:secret@proxy.corp:3128/x'))).toBe('http://proxy.corp:3128');
});
