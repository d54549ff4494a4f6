/** Which hosts may be contacted, whatever a manifest or a redirect says. */

/** Google's hosts that hand out Drive files; https at its default port only. */
const DRIVE_HOSTS: readonly string[] = [
  'drive.google.com',
  'docs.google.com',
  'drive.usercontent.google.com',
];
const DRIVE_HOST_SUFFIX = '.googleusercontent.com';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** True for Drive's own hosts alone; below googleusercontent.com are machines that Google rents to anybody. */
export function isDrivesOwnHost(hostname: string): boolean {
  return DRIVE_HOSTS.includes(hostname);
}

/** True for the hosts behind which public Drive files lie, by exact name or below googleusercontent.com. */
export function isDriveHost(hostname: string): boolean {
  return isDrivesOwnHost(hostname) || hostname.endsWith(DRIVE_HOST_SUFFIX);
}

/** Google's hosts for programs: the API, and where tokens come from. Others below googleapis.com are anybody's. */
const API_HOSTS: readonly string[] = ['www.googleapis.com', 'oauth2.googleapis.com'];

/** True for every host of Google's that a download may be led to, login and "sorry" pages and those for programs included. */
export function isGoogleHost(hostname: string): boolean {
  return (
    hostname === 'google.com' ||
    hostname.endsWith('.google.com') ||
    hostname.endsWith(DRIVE_HOST_SUFFIX) ||
    API_HOSTS.includes(hostname)
  );
}

/**
 * `HOST` or `HOST:PORT` as people type it, in the one spelling that {@link isAllowedUrl} compares: lower case, IDN in
 * punycode, IPv6 in brackets, no leading zeros in the port. Undefined for anything else, wildcards and URLs included.
 */
export function parseAllowedHost(text: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/?#@\\[\]%*]+)(?::0*([1-9][0-9]{0,4}))?$/i.exec(text);
  if (!match) return undefined;
  const [, host = '', port] = match;
  if (port !== undefined && Number(port) > 65_535) return undefined;
  const asUrl = `http://${host}/`;
  if (!URL.canParse(asUrl)) return undefined;
  const { hostname } = new URL(asUrl);
  if (hostname === '') return undefined;
  return port === undefined ? hostname : `${hostname}:${port}`;
}

/** The entry that allows exactly this URL's host and port: what naming a URL in a flag permits. */
export function allowedHostOf(url: URL): string {
  return `${url.hostname}:${effectivePort(url)}`;
}

/**
 * May this URL be fetched?
 *
 * - Google's Drive hosts: by https at the default port.
 * - Entries of `allowedHosts`, spelled as {@link parseAllowedHost} returns them: by http and https. `HOST:PORT` is for
 *   exactly that port; `HOST` alone for the default ports, 80 by http and 443 by https. No entry covers subdomains.
 * - A URL with a user name or a password: never.
 *
 * @param before the URL that led here: from https to http leads only an entry with that very port
 */
export function isAllowedUrl(url: URL, allowedHosts: readonly string[], before?: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  if (url.protocol === 'https:' && url.port === '' && isDriveHost(url.hostname)) return true;
  if (allowedHosts.includes(allowedHostOf(url))) return true;
  const isLessSafe = before?.protocol === 'https:' && url.protocol === 'http:';
  return url.port === '' && !isLessSafe && allowedHosts.includes(url.hostname);
}

function effectivePort(url: URL): string {
  return url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? '') : url.port;
}
