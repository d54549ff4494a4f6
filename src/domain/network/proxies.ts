/**
 * Which proxy leads to a URL, by the environment variables that every other tool reads.
 *
 * - `HTTP_PROXY` is for http URLs, `HTTPS_PROXY` for https ones; neither stands in for the other.
 * - Lower case wins where both spellings are set; an empty value is not set. This is curl's law.
 * - `NO_PROXY` lists what is asked directly, separated by commas or spaces: `host` (and all below it), `.host` and `*.host`
 *   (the same), `host:port`, IPv4 networks such as `10.0.0.0/8`, or `*` for everything.
 * - This machine's own loopback addresses are never asked through a proxy, whatever is set.
 */

import { base64 } from './base64.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** For http URLs; with user and password, so it is never printed: {@link proxyName} is. */
  readonly http: URL | undefined;
  readonly https: URL | undefined;
  readonly direct: readonly DirectRule[];
}

interface DirectRule {
  /** Lower case, without a leading dot; `*` is everything. */
  readonly host: string;
  readonly port: string | undefined;
}

export const noProxies: ProxySettings = { http: undefined, https: undefined, direct: [] };

/** Reads the variables; every value that cannot be used becomes a problem, which does not repeat it: it may hold a password. */
export function readProxies(env: Environment): {
  readonly settings: ProxySettings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const proxy = (name: string): URL | undefined => {
    const [variable, value] = setIn(env, name) ?? [name, ''];
    if (value === '') return undefined;
    const parsed = parseProxy(value);
    if (parsed === undefined) {
      problems.push(
        `environment [${variable}]: expected a proxy as http(s)://[user:password@]host[:port], with %2F for / and the like in a password`,
      );
    }
    return parsed;
  };
  const settings = {
    http: proxy('HTTP_PROXY'),
    https: proxy('HTTPS_PROXY'),
    direct: (setIn(env, 'NO_PROXY')?.[1] ?? '')
      .split(/[\s,]+/)
      .filter((entry) => entry !== '')
      .map(directRule),
  };
  return { settings, problems };
}

/** The proxy that a URL is asked through; undefined: it is asked directly. */
export function proxyFor({ http, https, direct }: ProxySettings, url: URL): URL | undefined {
  const proxy = url.protocol === 'https:' ? https : http;
  if (proxy === undefined || isLoopback(url.hostname)) return undefined;
  const host = url.hostname.toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const isDirect = direct.some(
    (rule) => (rule.port === undefined || rule.port === port) && covers(rule.host, host),
  );
  return isDirect ? undefined : proxy;
}

/** The proxy as people may read it: without user and password. */
export function proxyName({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** What a proxy is told of who asks, as the value of its header; undefined: nothing. */
export function proxyLogin(proxy: URL): string | undefined {
  if (proxy.username === '' && proxy.password === '') return undefined;
  return `Basic ${base64(loginOf(proxy).join(':'))}`;
}

/** Every text that the login of a proxy, or what is sent of it, can be told by. */
export function secretsOfProxy(proxy: URL): readonly string[] {
  const [user, password] = loginOf(proxy);
  if (user === '' && password === '') return [];
  // Without a password the name is what lets one in.
  const told = password === '' ? [user, proxy.username] : [password, proxy.password];
  return [...told, base64(`${user}:${password}`)];
}

function loginOf({ username, password }: URL): readonly [user: string, password: string] {
  return [decodeURIComponent(username), decodeURIComponent(password)];
}

/** Does this name or address (as a URL spells it) mean this machine, whatever the network is like? */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host)
  );
}

function setIn(env: Environment, name: string): readonly [name: string, value: string] | undefined {
  for (const spelling of [name.toLowerCase(), name]) {
    const value = env[spelling]?.trim();
    if (value !== undefined && value !== '') return [spelling, value];
  }
  return undefined;
}

function parseProxy(value: string): URL | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined;
  // A password with `/`, `?` or `#` in it is cut there, and its beginning would pass for a host.
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined;
  try {
    decodeURIComponent(url.username);
    decodeURIComponent(url.password);
    return url;
  } catch {
    return undefined;
  }
}

function directRule(entry: string): DirectRule {
  const [, name = entry, port] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(entry) ?? [];
  const isBareIpv6 = name.includes(':') && !name.startsWith('[');
  const host = (isBareIpv6 ? `[${name}]` : name).toLowerCase().replace(/^\*?\.(?=.)/, '');
  return { host, port };
}

function covers(rule: string, host: string): boolean {
  if (rule === '*' || rule === host || host.endsWith(`.${rule}`)) return true;
  const [, network, bits] = /^(\d+(?:\.\d+){3})\/(\d{1,2})$/.exec(rule) ?? [];
  const [wanted, actual] = [ipv4(network), ipv4(host)];
  if (wanted === undefined || actual === undefined || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(wanted / size) === Math.floor(actual / size);
}

function ipv4(text: string | undefined): number | undefined {
  const parts = text?.split('.').map(Number);
  if (parts?.length !== 4 || !parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
