import { isDrivesOwnHost } from '../dataset/allowed-hosts.ts';
import type { RunRequest } from '../run/request.ts';

/** What names a public file of Drive's, and how such a value looks. */
const DRIVE_FIELDS: Readonly<Record<string, RegExp>> = {
  id: /^[\w-]{1,128}$/,
  export: /^[a-z]{1,16}$/,
  authuser: /^\d{1,2}$/,
  usp: /^[a-z_]{1,32}$/,
};

/** With the id it opens a file that its owner shared by link: whoever reads it is let in. */
const RESOURCE_KEY = 'resourcekey';

/**
 * Why a URL may not stand in a request: "expected ..., got ...", of which nothing repeats the URL. Undefined: it may. What
 * it holds besides its server and its path is readable in the workflow's history, for good.
 */
export function refusalOfUrl(url: URL): string | undefined {
  const got = secretIn(url);
  if (got === undefined) return undefined;
  if (got === A_RESOURCE_KEY)
    return (
      `expected a URL without ${RESOURCE_KEY}, got one with it, which would stay readable in the workflow's history and let ` +
      'its readers in; download the file and give its path, or give a link that needs no key'
    );
  return (
    `expected a URL without user name, password, query and fragment, got one with ${got}, which would stay readable in the ` +
    `workflow's history; a token goes into FFHQ_TOKENS of the workers' environment, as HOST=TOKEN`
  );
}

/** A URL that was taken for a path looks so: `/home/ann/https:/user:password@host`. */
const URL_IN_PATH = /https?:\/+[^/]/i;

/** {@link refusalOfUrl} of a text; a path that holds a URL is refused too, and what is neither is for others to judge. */
export function refusalOfUrlText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^\s*https?:/i.test(text)) return URL.canParse(text) ? refusalOfUrl(new URL(text)) : undefined;
  return URL_IN_PATH.test(text) ? refusalOfPath(text) : undefined;
}

/** Why a text may not be taken for a path: "expected ..., got ...", of which nothing repeats it. Undefined: it may. */
export function refusalOfPath(text: string): string | undefined {
  return URL_IN_PATH.test(text) ? 'expected a path, got one with a URL in it' : undefined;
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

const A_RESOURCE_KEY = 'a resource key';

function secretIn(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'a user name or a password';
  if (url.hash !== '') return 'a fragment';
  if (url.search === '') return undefined;
  const fields = [...url.searchParams];
  if (fields.some(([name]) => name.toLowerCase() === RESOURCE_KEY)) return A_RESOURCE_KEY;
  const isPublic = isDrivesOwnHost(url.hostname) && fields.every(isPublicField);
  return isPublic ? undefined : 'a query';
}

function isPublicField([name, value]: readonly [string, string]): boolean {
  return Object.hasOwn(DRIVE_FIELDS, name) && DRIVE_FIELDS[name]?.test(value) === true;
}
