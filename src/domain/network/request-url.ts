import { isDriveHost } from '../dataset/allowed-hosts.ts';
import type { RunRequest } from '../run/request.ts';

/** What names a public file of Drive's. */
const DRIVE_FIELDS: ReadonlySet<string> = new Set(['id', 'export', 'authuser', 'usp', 'resourcekey']);

/**
 * Why a URL may not stand in a request: "expected ..., got ...", of which nothing repeats the URL. Undefined: it may. What
 * it holds besides its server and its path is readable in the workflow's history, for good.
 */
export function refusalOfUrl(url: URL): string | undefined {
  const got = secretIn(url);
  if (got === undefined) return undefined;
  return (
    `expected a URL without user name, password, query and fragment, got one with ${got}, which would stay readable in the ` +
    `workflow's history; a token goes into FFHQ_TOKENS of the workers' environment, as HOST=TOKEN`
  );
}

/** {@link refusalOfUrl} of a text; what is no http(s) URL at all is for others to judge. */
export function refusalOfUrlText(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^\s*https?:/i.test(text)) return undefined;
  return URL.canParse(text) ? refusalOfUrl(new URL(text)) : undefined;
}

/** A request that no run may begin with, whatever is tried. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Throws a {@link RequestError} where a URL of the request may hold a secret; it is not repeated. */
export function refuseSecrets({ manifest, license, source }: RunRequest): void {
  const texts: Readonly<Record<string, unknown>> = {
    ...(manifest?.name === 'other' ? { manifest: manifest.location } : {}),
    ...(license?.name === 'url' ? { license: license.url } : {}),
    ...Object.fromEntries(Object.entries(source ?? {}).map(([field, text]) => [`source.${field}`, text])),
  };
  for (const [field, text] of Object.entries(texts)) {
    const problem = refusalOfUrlText(text);
    if (problem !== undefined) throw new RequestError(`request [${field.slice(0, 40)}]: ${problem}`);
  }
}

function secretIn(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'a user name or a password';
  if (url.hash !== '') return 'a fragment';
  if (url.search === '') return undefined;
  const isPublic =
    isDriveHost(url.hostname) && [...url.searchParams.keys()].every((name) => DRIVE_FIELDS.has(name));
  return isPublic ? undefined : 'a query';
}
