import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type ConnectionSettings,
  ConnectionSettingsError,
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

function refusalOf(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    if (error instanceof ConnectionSettingsError) return error;
    throw error;
  }
  throw new Error('expected a refusal, got settings');
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

test('a configuration file that cannot be parsed is named with the place, and nothing of what stands there', () => {
  const inEnv = env({}, '[profile.default]\naddress = "cloud:7233"\napi_key = "hush-hush" oops\n');
  const error = refusalOf(() => connectionSettings({}, inEnv));
  expect(error.message).toBe(
    `connection settings [file=${inEnv.TEMPORAL_CONFIG_FILE}, line=3, column=23]: expected TOML, got something else`,
  );
  expect(inspect(error)).not.toMatch(/hush|oops/);
});

test.each(['user:hush@host:7233', ':hush@host', 'http://user:hu/sh@host:1', 'user:hu@sh@host'])(
  'what somebody logs in with is no part of an address, and is not repeated (%#)',
  (address) => {
    const refused = /^server address: expected HOST:PORT, got \.\.\.@host(:\d+)?$/;
    for (const read of [
      () => connectionSettings({ address }, env({})),
      () => connectionSettings({}, env({ TEMPORAL_ADDRESS: address })),
    ])
      expect(refusalOf(read).message).toMatch(refused);
  },
);

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

/** A Temporal server that only answers who it is, each time as told: by its id, or by a gRPC status. */
async function serverThatSays(answers: (nth: number) => string | number): Promise<ConnectionSettings> {
  let asked = 0;
  const server = createHttp2Server();
  server.on('stream', (stream, { ':path': path }) => {
    const answer = path?.endsWith('/GetClusterInfo') ? answers(asked++) : '';
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    if (typeof answer === 'number') {
      stream.respond({ ...headers, 'grpc-status': answer }, { endStream: true });
      return;
    }
    // The id is field 3 of its message.
    const message =
      answer === '' ? Buffer.alloc(0) : Buffer.from(`\x1a${String.fromCharCode(answer.length)}${answer}`);
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  });
  return settingsForAddress(await listening(server), 'default');
}

async function idOf(settings: ConnectionSettings): Promise<string> {
  const { connection, clusterId } = await connectClient(settings);
  await connection.close();
  return clusterId;
}

test('a server that cannot say for a moment which it is is asked again', async () => {
  const [deadlineExceeded, internal] = [4, 13];
  const settings = await serverThatSays((nth) => [deadlineExceeded, internal][nth] ?? 'the-cluster');
  expect(await idOf(settings)).toBe('the-cluster');
}, 30_000);

test('a server that never says which it is cannot be reached: no other id is made up for it', async () => {
  const unavailable = 14;
  const error = await failure(await serverThatSays(() => unavailable));
  expect(error.reason).toBe('no answer');
  expect(error.message).toMatch(/expected the server to say which it is, got gRPC status \d+ for 10 s/);
}, 30_000);

test.each([
  ['has no such call', 12],
  ['tells it nobody', 7],
  ['has none', ''],
])(
  'a server that %s goes by its address',
  async (_what, answer) => {
    const settings = await serverThatSays(() => answer);
    expect(await idOf(settings)).toBe(settings.address);
  },
  30_000,
);

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
