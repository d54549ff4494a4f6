import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient, readPage } from '../../../../src/activities/sources/http/client.ts';
import type { NetworkSettings } from '../../../../src/activities/sources/http/connections.ts';
import { HttpError, transportFailure } from '../../../../src/activities/sources/http/http-error.ts';
import { readProxies } from '../../../../src/domain/network/proxies.ts';
import { type CompanyCa, makeCompanyCa } from '../../../support/network/company-ca.ts';
import { type HttpProxyOptions, startHttpProxy } from '../../../support/network/http-proxy.ts';

const NAME = 'mirror.test';
const never = new AbortController().signal;
const cleanups: (() => Promise<unknown> | unknown)[] = [];
let ca: CompanyCa;

beforeAll(async () => {
  ca = await makeCompanyCa([NAME]);
});
afterAll(() => ca.remove());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const tea: RequestListener = (request, response) => response.end(`tea for ${request.headers.host}`);
const serveTls = () => listen(createTlsServer(ca.server, tea));

async function proxy(options: HttpProxyOptions = {}) {
  const started = await startHttpProxy(options);
  cleanups.push(() => started.close());
  return started;
}

const proxiesOf = (env: Readonly<Record<string, string>>) => ({ proxies: readProxies(env).settings });

async function ask(url: string, network: NetworkSettings) {
  const http = makeHttpClient({
    connections: 2,
    network,
    timeouts: { connect: 2_000, headers: 500, bodyIdle: 500 },
  });
  cleanups.push(() => http.close());
  try {
    return { text: await readPage((await http.get(new URL(url), { signal: never })).body) };
  } catch (error) {
    return { failure: transportFailure(error) };
  }
}

describe('a proxy of the environment', () => {
  test('leads to an https host by a tunnel, with user and password, and the host’s certificate is checked', async () => {
    const port = await serveTls();
    const { origin, asked } = await proxy({ login: 'me@corp:pass word' });
    const network = proxiesOf({ https_proxy: origin.replace('//', '//me%40corp:pass%20word@') });
    expect(await ask(`https://${NAME}:${port}/x`, { ...network, caCertificates: [ca.certificate] })).toEqual({
      text: `tea for ${NAME}:${port}`,
    });
    expect(asked).toEqual([`CONNECT ${NAME}:${port}`]);
    const { failure } = await ask(`https://${NAME}:${port}/x`, network);
    expect(failure?.detail).toContain('--ca-file');
    const other = await ask(`https://other.test:${port}/x`, { ...network, caCertificates: [ca.certificate] });
    expect(other.failure?.detail).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test.each(['', 'HTTP/1.1 2'])(
    'that ends the connection after %j in place of an answer fails the request, and is not asked again and again',
    async (connectEndsAfter) => {
      const port = await serveTls();
      const { origin, asked } = await proxy({ connectEndsAfter });
      const network = proxiesOf({ https_proxy: origin });
      const { failure } = await ask(`https://${NAME}:${port}/x`, network);
      expect(failure).toMatchObject({ reason: 'network-down' });
      expect(failure?.detail).toContain(origin);
      const times = asked.length;
      expect(times).toBeLessThan(3);
      // Whatever would go on by itself has had its time.
      await ask(`https://${NAME}:${port}/x`, network);
      expect(asked.length).toBeLessThanOrEqual(2 * times);
    },
  );

  test('is asked for the whole URL of an http host, with user and password', async () => {
    const port = await listen(createServer(tea));
    const { origin, asked } = await proxy({ login: 'me:secret' });
    const network = proxiesOf({ http_proxy: origin.replace('//', '//me:secret@') });
    for (const path of ['/a?b=c', '/d']) {
      expect(await ask(`http://${NAME}:${port}${path}`, network)).toEqual({
        text: `tea for ${NAME}:${port}`,
      });
    }
    expect(asked).toEqual([`GET http://${NAME}:${port}/a?b=c`, `GET http://${NAME}:${port}/d`]);
  });

  test.each(['https', 'http'])(
    'that wants another login is told by its name, %s, without a password',
    async (protocol) => {
      const { origin } = await proxy({ login: 'me:secret' });
      for (const login of ['', 'me:wrong@', 'me@']) {
        const value = origin.replace('//', `//${login}`);
        const { failure } = await ask(
          `${protocol}://${NAME}:1/x`,
          proxiesOf({ http_proxy: value, https_proxy: value }),
        );
        expect(failure?.reason).toBe('proxy-login');
        expect(failure?.detail).toContain(`proxy=${origin}`);
        expect(failure?.detail).toContain('407');
        expect(failure?.detail).not.toMatch(/wrong|me[:@]/);
      }
    },
  );

  test('that does not lead on, or is not there, is nothing that a file is charged with', async () => {
    const refusing = await proxy({ connectStatus: 502 });
    const closed = await startHttpProxy();
    await closed.close();
    for (const { origin } of [refusing, closed]) {
      const { failure } = await ask(`https://${NAME}/x`, proxiesOf({ https_proxy: origin }));
      expect(failure?.reason).toBe('network-down');
      expect(failure?.detail).toContain(`proxy=${origin}`);
    }
    const { failure } = await ask(`http://${NAME}/x`, proxiesOf({ http_proxy: closed.origin }));
    expect(failure?.reason).toBe('network-down');
  });

  test('that never answers holds nobody for longer than a server may', async () => {
    const silent = createServer(() => {});
    silent.on('connect', () => {});
    const port = await listen(silent);
    const { failure } = await ask(
      `https://${NAME}/x`,
      proxiesOf({ https_proxy: `http://127.0.0.1:${port}` }),
    );
    expect(failure?.reason).toBe('timeout');
  });

  test('is not asked for this machine, nor for what NO_PROXY names', async () => {
    const port = await listen(createServer(tea));
    const { origin, asked } = await proxy();
    expect(await ask(`http://127.0.0.1:${port}/`, proxiesOf({ http_proxy: origin }))).toHaveProperty('text');
    const named = proxiesOf({ http_proxy: origin, no_proxy: 'nowhere.invalid' });
    expect((await ask('http://nowhere.invalid/', named)).failure?.detail).toContain('ENOTFOUND');
    expect(asked).toEqual([]);
  });
});

describe('certificates', () => {
  const askOnce = async (url: string, flags: object, env: Readonly<Record<string, string>>) => {
    const script = fileURLToPath(new URL('../../../support/network/ask-once.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', script, url, JSON.stringify(flags)],
      { env: { PATH: process.env.PATH ?? '', ...env } },
    );
    return JSON.parse(stdout);
  };

  test('of a CA in --ca-file or NODE_EXTRA_CA_CERTS are believed, in either or both, and no others', async () => {
    const url = `https://127.0.0.1:${await serveTls()}/x`;
    const other = await makeCompanyCa();
    cleanups.push(() => other.remove());
    const [neither, extra, flag, both] = await Promise.all([
      askOnce(url, {}, {}),
      askOnce(url, {}, { NODE_EXTRA_CA_CERTS: ca.file }),
      askOnce(url, { caFile: ca.file }, {}),
      askOnce(url, { caFile: other.file }, { NODE_EXTRA_CA_CERTS: ca.file }),
    ]);
    expect(neither.failure?.reason).toBe('network-down');
    for (const answer of [extra, flag, both]) expect(answer.text).toContain('tea for');
  });
});

describe('a host with several addresses', () => {
  test('has every one of them named when none can be reached, and no file is charged with it', () => {
    const refused = (address: string, code: string) =>
      Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect', address, port: 443 });
    // As Node.js makes them: the code is the first one's, and there is no message.
    const cause = Object.assign(
      new AggregateError([refused('192.0.2.1', 'ETIMEDOUT'), refused('2001:db8::1', 'ENETUNREACH')]),
      { code: 'ETIMEDOUT' },
    );
    const failure = transportFailure(new HttpError('mirror.test', cause));
    expect(failure.reason).toBe('network-down');
    expect(failure.detail).toContain('ETIMEDOUT 192.0.2.1:443, ENETUNREACH [2001:db8::1]:443');
  });
});
