/** A file of Drive's, as its API names it. */
export interface DriveFile {
  readonly id: string;
  /** What some older links carry, and the API wants beside the id. */
  readonly resourceKey?: string;
}

const HOSTS: readonly string[] = ['drive.google.com', 'docs.google.com', 'drive.usercontent.google.com'];
const PATHS: ReadonlySet<string> = new Set(['/uc', '/open', '/download']);
/** Of those, where bytes come from. */
const DOWNLOADS: ReadonlySet<string> = new Set(['/uc', '/download']);
const NAME = /^[\w-]{1,200}$/;

export function isDriveId(text: string): boolean {
  return NAME.test(text);
}

/** Is it Drive's, for downloads? */
export function isDownloadUrl(url: URL): boolean {
  return isDrives(url) && DOWNLOADS.has(url.pathname);
}

/** Does Drive hand out a file there, or ask whether it should? Also for one of several accounts, or of a company's. */
export function leadsToFile(url: URL): boolean {
  const path = url.pathname.replace(/^\/a\/[^/]+(?=\/)/, '').replace(/^\/u\/\d+(?=\/)/, '');
  return isDrives(url) && (PATHS.has(path) || /^\/file\/d\/[\w-]+(\/|$)/.test(path));
}

/** The file that a URL of Drive's leads to; undefined: it is none of Drive's, or does not name a file. */
export function driveFileOf(url: URL): DriveFile | undefined {
  const { pathname, searchParams } = url;
  if (!isDrives(url)) return undefined;
  const id = PATHS.has(pathname) ? searchParams.get('id') : /^\/file\/d\/([^/]+)(\/|$)/.exec(pathname)?.[1];
  const resourceKey = searchParams.get('resourcekey');
  if (!id || !isDriveId(id) || (resourceKey !== null && !NAME.test(resourceKey))) return undefined;
  return { id, ...(resourceKey === null ? {} : { resourceKey }) };
}

/** A file that is known by its name in a folder: its id is found by whoever may list that. */
export interface DriveEntry {
  /** Id of the folder. */
  readonly folder: string;
  readonly name: string;
}

/** The entry that a URL of `driveEntryUrl` names; undefined: it is another URL. */
export function driveEntryOf(url: URL): DriveEntry | undefined {
  if (url.origin !== 'https://drive.google.com' || url.username !== '' || url.password !== '')
    return undefined;
  const folder = /^\/drive\/folders\/([^/]+)$/.exec(url.pathname)?.[1];
  // A name that would have to be quoted in a query of the API is none that the dataset has.
  const name = /^#([\w.-]{1,200})$/.exec(url.hash)?.[1];
  return folder === undefined || !isDriveId(folder) || name === undefined ? undefined : { folder, name };
}

function isDrives({ protocol, port, hostname, username, password }: URL): boolean {
  return protocol === 'https:' && port === '' && username + password === '' && HOSTS.includes(hostname);
}

/** The URL that the file is asked for by without an account. */
export function driveUrlOf({ id, resourceKey }: DriveFile): URL {
  const url = new URL('https://drive.google.com/uc?export=download');
  url.searchParams.set('id', id);
  if (resourceKey !== undefined) url.searchParams.set('resourcekey', resourceKey);
  return url;
}
