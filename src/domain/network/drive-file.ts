/** A file of Drive's, as its API names it. */
export interface DriveFile {
  readonly id: string;
  /** What some older links carry, and the API wants beside the id. */
  readonly resourceKey?: string;
}

const HOSTS: readonly string[] = ['drive.google.com', 'docs.google.com', 'drive.usercontent.google.com'];
const PATHS: ReadonlySet<string> = new Set(['/uc', '/open', '/download']);
const NAME = /^[\w-]{1,200}$/;

export function isDriveId(text: string): boolean {
  return NAME.test(text);
}

/** The file that a URL of Drive's leads to; undefined: it is none of Drive's, or does not name a file. */
export function driveFileOf(url: URL): DriveFile | undefined {
  const { protocol, port, hostname, pathname, searchParams } = url;
  if (protocol !== 'https:' || port !== '' || url.username !== '' || url.password !== '') return undefined;
  if (!HOSTS.includes(hostname)) return undefined;
  const id = PATHS.has(pathname) ? searchParams.get('id') : /^\/file\/d\/([^/]+)(\/|$)/.exec(pathname)?.[1];
  const resourceKey = searchParams.get('resourcekey');
  if (!id || !isDriveId(id) || (resourceKey !== null && !NAME.test(resourceKey))) return undefined;
  return { id, ...(resourceKey === null ? {} : { resourceKey }) };
}

/** The URL that the file is asked for by without an account. */
export function driveUrlOf({ id, resourceKey }: DriveFile): URL {
  const url = new URL('https://drive.google.com/uc?export=download');
  url.searchParams.set('id', id);
  if (resourceKey !== undefined) url.searchParams.set('resourcekey', resourceKey);
  return url;
}
