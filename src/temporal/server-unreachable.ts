import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionSettings } from './connection-settings.ts';

/** Why no connection came about. */
export type UnreachableReason = 'no answer' | 'tls' | 'credentials' | 'namespace' | 'not temporal';

/** The server could not be used; the message names its address and never holds a secret. */
export class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError';
  readonly reason: UnreachableReason;
  readonly address: string;

  constructor(
    address: string,
    reason: UnreachableReason,
    expected: string,
    got: string,
    options?: ErrorOptions,
  ) {
    super(`Temporal server [address=${address}]: expected ${expected}, got ${got}`, options);
    this.address = address;
    this.reason = reason;
  }
}

const CLOSED = 'a closed connection';
const REFUSED = 'connection refused';
const WITHOUT_TLS = 'set TEMPORAL_TLS=false';
const PROBE_MS = 5_000;
const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;

/**
 * Finds out why connecting failed. The SDK only says that a deadline passed, whatever was wrong, so the address is
 * tried again by hand: does anything listen there, and does it speak TLS?
 */
export async function explainUnreachable(
  settings: ConnectionSettings,
  cause: unknown,
): Promise<ServerUnreachableError> {
  const { address, connectionOptions } = settings;
  const code = grpcCode(cause);
  if (code === UNAUTHENTICATED || code === PERMISSION_DENIED) {
    const got = code === UNAUTHENTICATED ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED';
    return new ServerUnreachableError(
      address,
      'credentials',
      'the API key or client certificate to be accepted',
      got,
      { cause },
    );
  }
  const { host, port } = hostAndPort(address);
  const open = await settled(connectTcp({ host, port }), 'connect');
  if (open !== 'ok') return noAnswer(address, open, { cause });
  const wantsTls = connectionOptions.tls !== undefined && connectionOptions.tls !== false;
  const tls = typeof connectionOptions.tls === 'object' ? connectionOptions.tls : undefined;
  const servername = tls?.serverNameOverride ?? (/^[\d.]+$|:/.test(host) ? '' : host);
  const secure = await settled(
    connectTls({
      host,
      port,
      ALPNProtocols: ['h2'],
      servername,
      rejectUnauthorized: wantsTls,
      ...(tls?.serverRootCACertificate ? { ca: Buffer.from(tls.serverRootCACertificate) } : {}),
      ...(tls?.clientCertPair
        ? { cert: Buffer.from(tls.clientCertPair.crt), key: Buffer.from(tls.clientCertPair.key) }
        : {}),
    }),
    'secureConnect',
  );
  if (wantsTls && secure !== 'ok') {
    const got = secure === CLOSED ? `${CLOSED} (if the server has no TLS, ${WITHOUT_TLS})` : secure;
    return new ServerUnreachableError(address, 'tls', 'a TLS connection as configured', got, { cause });
  }
  if (!wantsTls && (secure === 'ok' || /certificate required|handshake failure/i.test(secure))) {
    return new ServerUnreachableError(
      address,
      'tls',
      'a server without TLS',
      'one that demands TLS (set TEMPORAL_TLS=true, or TEMPORAL_API_KEY, or a profile)',
      { cause },
    );
  }
  return new ServerUnreachableError(
    address,
    'not temporal',
    'a Temporal server',
    `a connection, but no answer that a Temporal server gives (${grpcName(cause)})`,
    { cause },
  );
}

/** Throws where a connection is refused at once; whatever else may be wrong is not looked for. */
export async function demandListener({ address }: ConnectionSettings): Promise<void> {
  const open = await settled(connectTcp(hostAndPort(address)), 'connect');
  if (open === REFUSED) throw noAnswer(address, open);
}

function noAnswer(address: string, got: string, options?: ErrorOptions): ServerUnreachableError {
  return new ServerUnreachableError(address, 'no answer', 'a server to answer', got, options);
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const url = new URL(`tcp://${address}`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) };
}

function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<string> {
  return new Promise((resolve) => {
    const done = (text: string): void => {
      resolve(text);
      socket.destroy();
    };
    socket.setTimeout(PROBE_MS, () => done(`no answer in ${PROBE_MS / 1000} s`));
    socket.once(event, () => done('ok'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(tidy(error)));
    socket.once('end', () => done(CLOSED));
  });
}

function tidy(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return REFUSED;
    case 'ENOTFOUND':
      return 'no such host name';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `a server that does not speak TLS (${WITHOUT_TLS})`;
    case 'ECONNRESET':
      return CLOSED;
    default:
      return error.code ?? error.message;
  }
}

function grpcCode(error: unknown): number | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'number') return code;
    const named = /\b(?:code: |status: |")?(Unauthenticated|PermissionDenied)\b/i.exec(at.message)?.[1];
    if (named) return named.toLowerCase() === 'unauthenticated' ? UNAUTHENTICATED : PERMISSION_DENIED;
  }
  return undefined;
}

function grpcName(error: unknown): string {
  const code = grpcCode(error);
  return code === undefined ? 'no gRPC status' : `gRPC status ${code}`;
}
