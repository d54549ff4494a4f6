import * as tls from 'node:tls';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { noProxies, type ProxySettings, proxyFor, proxyLogin } from '../../../domain/network/proxies.ts';
import type { Tokens } from '../../../domain/network/tokens.ts';
import { withHeldEnds } from './held-end.ts';
import { isNoConnection, ProxyAnswerError, ProxyBrokenError, ProxyUnreachableError } from './http-error.ts';

/** How this host reaches others. */
export interface NetworkSettings {
  /** @default none */
  readonly proxies?: ProxySettings;
  /** What servers want to be told before they answer. @default none */
  readonly tokens?: Tokens;
  /** Asks by IPv4 alone. @default by both, each address in turn */
  readonly ipv4?: boolean;
  /** Certificates in PEM that are believed beside the usual ones. @default none */
  readonly caCertificates?: readonly string[];
}

/** Milliseconds: until connected (each leg, where a proxy leads there), until the headers came, between two pieces of the body. */
export interface HttpTimeouts {
  readonly connect: number;
  readonly headers: number;
  readonly bodyIdle: number;
}

/**
 * Milliseconds that each address of a host gets to connect, while another one is left. Node's own 250 are too few for a
 * satellite's or a far host's round trip, and then every address fails, one after the other.
 */
const ADDRESS_MS = 2_500;

/** Servers to which there are connections at once; a manifest may name one for each of its files. */
const MOST_ORIGINS = 1_000;

/** The connections of one client: straight to a host, or through the proxy that its environment names. */
export interface Connections {
  /** The proxy through which a URL is asked, if any. */
  proxyOf(url: URL): URL | undefined;
  /** Sends a request, by POST where it has a body; the handler hears what becomes of it. */
  dispatch(
    url: URL,
    headers: Readonly<Record<string, string>>,
    handler: Dispatcher.DispatchHandler,
    body?: string,
  ): void;
  /** What an error means, where a proxy led to the URL. */
  explain(cause: unknown, url: URL): unknown;
  close(): Promise<void>;
}

export function makeConnections(
  perHost: number,
  timeouts: HttpTimeouts,
  { proxies = noProxies, ipv4 = false, caCertificates = [] }: NetworkSettings,
): Connections {
  const secureContext = secureContextWith(caCertificates);
  const connect = {
    timeout: timeouts.connect,
    ...(ipv4
      ? { family: 4, autoSelectFamily: false }
      : { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS }),
    ...(secureContext === undefined ? {} : { secureContext }),
  };
  const waits = { headersTimeout: timeouts.headers, bodyTimeout: timeouts.bodyIdle };
  const shape = { connections: perHost, pipelining: 1, allowH2: false, ...waits };
  const connector = withHeldEnds(buildConnector({ ...connect, allowH2: false }));
  const direct = new Agent({ ...shape, maxOrigins: MOST_ORIGINS, connect: connector });
  const byProxy = new Map<string, Dispatcher>();

  /** undici's tunnel, with our waits for the proxy's own answer, and that answer's status where it is a refusal. */
  const tunnel = (proxy: URL): Dispatcher =>
    new ProxyAgent({
      ...shape,
      maxOrigins: MOST_ORIGINS,
      ...loginOf(proxy, 'token'),
      uri: proxy.origin,
      proxyTls: connect,
      requestTls: connect,
      clientFactory: (origin, options) => proxyPool(origin, { ...options, ...waits }),
      // Hosts behind the tunnel.
      factory: (origin, options: Pool.Options) => new Pool(origin, withHeldConnector(options)),
    });

  const through = (proxy: URL, protocol: string): Dispatcher => {
    const key = `${protocol} ${proxy.href}`;
    const made =
      byProxy.get(key) ??
      (protocol === 'https:' ? tunnel(proxy) : new Pool(proxy.origin, { ...shape, connect: connector }));
    byProxy.set(key, made);
    return made;
  };

  const proxyOf = (url: URL) => proxyFor(proxies, url);
  return {
    proxyOf,
    dispatch(url, headers, handler, body) {
      const path = `${url.pathname}${url.search}`;
      const asked = body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body };
      const request = { origin: url.origin, path, ...asked, headers };
      const proxy = proxyOf(url);
      if (proxy === undefined) direct.dispatch(request, handler);
      else if (url.protocol === 'https:') through(proxy, url.protocol).dispatch(request, handler);
      else {
        // Without a tunnel, as every proxy permits: it is asked for the whole URL.
        through(proxy, url.protocol).dispatch(
          {
            ...request,
            origin: proxy.origin,
            path: `${url.origin}${path}`,
            headers: { host: url.host, ...headers, ...loginOf(proxy, 'proxy-authorization') },
          },
          handler,
        );
      }
    },
    explain: (cause, url) =>
      proxyOf(url) !== undefined && url.protocol === 'http:' ? ofProxy(cause) : cause,
    close: async () => {
      await Promise.all([direct, ...byProxy.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Connections to a proxy; what it answers to CONNECT is judged here, where its status is still known. */
class ProxyPool extends Pool {
  async tunnel(asked: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
    let answer: Dispatcher.ConnectData;
    try {
      answer = await super.connect(asked);
    } catch (error) {
      throw ofTunnel(error);
    }
    if (answer.statusCode === 200) return answer;
    answer.socket.on('error', () => {}).destroy();
    throw new ProxyAnswerError(answer.statusCode);
  }
}

/** undici's tunnel gives it as a function. */
function withHeldConnector(options: Pool.Options): Pool.Options {
  const { connect } = options;
  return typeof connect === 'function' ? { ...options, connect: withHeldEnds(connect) } : options;
}

/** undici's tunnel asks by `connect`, which this pool does in its own way. */
function proxyPool(origin: URL, options: Pool.Options): Pool {
  const pool = new ProxyPool(origin, options);
  return Object.assign(pool, { connect: (asked: Dispatcher.ConnectOptions) => pool.tunnel(asked) });
}

/**
 * A proxy that went away before it answered. undici takes its own code for that, from a tunnel that is being made, for a
 * connection to be tried again at once and for ever, and tells nobody: it must not hear that code.
 */
function ofTunnel(cause: unknown): unknown {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'UND_ERR_INFO' ? new ProxyBrokenError(cause) : ofProxy(cause);
}

function ofProxy(cause: unknown): unknown {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return isNoConnection(String(code), cause) ? new ProxyUnreachableError(cause) : cause;
}

function loginOf(proxy: URL, field: string): Readonly<Record<string, string>> {
  const login = proxyLogin(proxy);
  return login === undefined ? {} : { [field]: login };
}

/** Made once: reading the usual roots takes milliseconds, which every connection would pay. Undefined: Node's own. */
function secureContextWith(certificates: readonly string[]): tls.SecureContext | undefined {
  if (certificates.length === 0) return undefined;
  return tls.createSecureContext({ ca: [...usualCertificates(), ...certificates] });
}

/** A list of CAs takes the place of Node's own, so that is repeated: with NODE_EXTRA_CA_CERTS in it where Node tells. */
function usualCertificates(): readonly string[] {
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}
