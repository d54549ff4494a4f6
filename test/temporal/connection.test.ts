import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type ConnectionSettings,
  connectClient,
  connectionSettings,
  connectNative,
  ServerUnreachableError,
  settingsForAddress,
} from '../../src/temporal/connection.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-connection-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An environment with no configuration file but the one given. */
function env(more: Record<string, string>, toml = ''): Record<string, string> {
  const file = join(folder, 'temporal.toml');
  writeFileSync(file, toml);
  return { HOME: folder, TEMPORAL_CONFIG_FILE: file, ...more };
}

const TOML = `
[profile.default]
address = "from-default:7000"
[profile.cloud]
address = "from-cloud:7001"
namespace = "cloud-namespace"
api_key = "hush"
`;

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(
  settings: ConnectionSettings,
  connect: (settings: ConnectionSettings) => Promise<unknown> = connectClient,
): Promise<ServerUnreachableError> {
  const error = await connect(settings).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServerUnreachableError))
    throw error ?? new Error('expected a refusal, got a connection');
  return error;
}

test('a server counts as configured only when the user named its address', () => {
  const byDefault = connectionSettings({}, env({}));
  expect(byDefault).toMatchObject({ configured: false, address: '127.0.0.1:7233', namespace: 'default' });
  expect(connectionSettings({ namespace: 'mine' }, env({ TEMPORAL_ADDRESS: '' }))).toMatchObject({
    configured: false,
    namespace: 'mine',
  });
  expect(connectionSettings({ address: 'flag:1' }, env({})).configured).toBe(true);
  expect(connectionSettings({}, env({ TEMPORAL_ADDRESS: 'env:1' })).configured).toBe(true);
  expect(connectionSettings({}, env({}, TOML)).configured).toBe(true);
});

test('flags win over the environment, which wins over the profile', () => {
  const inEnv = env({ TEMPORAL_ADDRESS: 'env:1', TEMPORAL_NAMESPACE: 'env-namespace' }, TOML);
  expect(connectionSettings({}, inEnv)).toMatchObject({ address: 'env:1', namespace: 'env-namespace' });
  expect(connectionSettings({ address: 'flag:2', namespace: 'flagged' }, inEnv)).toMatchObject({
    address: 'flag:2',
    namespace: 'flagged',
    connectionOptions: { address: 'flag:2' },
  });
  expect(connectionSettings({ profile: 'cloud' }, env({}, TOML))).toMatchObject({
    address: 'from-cloud:7001',
    namespace: 'cloud-namespace',
    connectionOptions: { apiKey: 'hush', tls: true },
  });
  expect(connectionSettings({}, env({ TEMPORAL_PROFILE: 'cloud' }, TOML)).address).toBe('from-cloud:7001');
  expect(connectionSettings({ address: 'portless' }, env({})).address).toBe('portless:7233');
});

test('settings that cannot be read say what is wrong', () => {
  expect(() => connectionSettings({ profile: 'none' }, env({}, TOML))).toThrow(/connection settings: .*none/);
  expect(() => connectionSettings({ address: 'http://host:1/x' }, env({}))).toThrow(
    'server address: expected HOST:PORT, got http://host:1/x',
  );
});

test('where nothing listens, the error names the address', async () => {
  const server = createServer();
  const address = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const settings = settingsForAddress(address, 'default');
  for (const error of await Promise.all([
    failure(settings, connectClient),
    failure(settings, connectNative),
  ])) {
    expect(error).toMatchObject({ reason: 'no answer', address });
    expect(error.message).toBe(
      `Temporal server [address=${address}]: expected a server to answer, got connection refused`,
    );
  }
}, 30_000);

test('where nothing is expected to come up, a refusal is the answer at once', async () => {
  const server = createServer();
  const address = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const startedAt = performance.now();
  const error = await failure(settingsForAddress(address, 'default'), (settings) =>
    connectClient(settings, 'give up'),
  );
  expect(error.message).toContain('expected a server to answer, got connection refused');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('TLS against a server without it, and the other way round, is said, and no secret is', async () => {
  const plain = await listening(createServer((socket) => socket.once('data', () => socket.end('no\r\n'))));
  const secure = await listening(createTlsServer(certificate()));
  const settings = (address: string, more: Record<string, string>): ConnectionSettings =>
    connectionSettings({ address }, env(more));
  const [onPlain, onSecure, untrusted] = await Promise.all([
    failure(settings(plain, { TEMPORAL_API_KEY: 'hush' }), connectNative),
    failure(settings(secure, {}), connectNative),
    failure(settings(secure, { TEMPORAL_TLS: 'true' }), connectNative),
  ]);
  expect(onPlain.message).toMatch(/expected a TLS connection as configured, got .*set TEMPORAL_TLS=false/);
  expect(onSecure.message).toMatch(/expected a server without TLS, got one that demands TLS/);
  expect(untrusted.message).toMatch(
    /expected a TLS connection as configured, got DEPTH_ZERO_SELF_SIGNED_CERT/,
  );
  for (const error of [onPlain, onSecure, untrusted]) {
    expect(error.reason).toBe('tls');
    expect(error.message).not.toContain('hush');
  }
}, 30_000);

test('something that is no Temporal server is said to be none', async () => {
  const other = await listening(
    createServer((socket) => socket.once('data', () => socket.end('SSH-2.0\r\n'))),
  );
  const error = await failure(settingsForAddress(other, 'default'), connectNative);
  expect(error.message).toMatch(/expected a Temporal server, got a connection, but no answer/);
}, 30_000);

/** Self-signed, made on the spot. */
function certificate(): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
