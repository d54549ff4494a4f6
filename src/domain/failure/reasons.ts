/** The book of reasons: whatever can go wrong with a file or its folder, a row each. Everyone who speaks of one reads it here. */

import { type FailedOutcome, outcomes } from './outcome.ts';

/**
 * What an attempt makes of a failure.
 * - `outcome`: no attempt can cure it; it is the file's outcome at once.
 * - `retry`: a fault of this file; counts as one of its attempts.
 * - `defer`: this file must wait for hours; its lane goes on without it.
 * - `stop`: concerns every file; the Activity's attempt ends at once and Temporal holds the wait. Counts for no file.
 * - `hold`: concerns every file of its host; those of other hosts, and what is under way, are finished first. Otherwise as
 *   `stop`.
 */
export type Reaction = 'outcome' | 'retry' | 'defer' | 'stop' | 'hold';

interface FileReason {
  readonly reaction: Reaction;
  /** What the file is when it stays so. */
  readonly outcome: FailedOutcome;
  /** What was seen, in a line. */
  readonly meaning: string;
  /** What a person can do, in a line; absent: what the outcome advises. Of a wait: at most 77 characters. */
  readonly advice: string | undefined;
}

interface StoreReason {
  /** Another attempt may find it mended: Temporal holds the wait. Otherwise the run ends. */
  readonly waits: boolean;
  readonly meaning: string;
  readonly advice: string;
}

const row =
  (reaction: Reaction) =>
  (outcome: FailedOutcome, meaning: string, advice?: string): FileReason => ({
    reaction,
    outcome,
    meaning,
    advice,
  });
const final = row('outcome');
const retry = row('retry');
const defer = row('defer');
const stop = row('stop');
const hold = row('hold');

const storeRow =
  (waits: boolean) =>
  (meaning: string, advice: string): StoreReason => ({ waits, meaning, advice });
const wait = storeRow(true);
const end = storeRow(false);

/** Why a source did not give a file. */
export const sourceReasons = {
  missing: final('missing', 'the source says that there is no such file (404, ENOENT)'),
  private: final('refused', 'a login page, or a 401 or 403 that asks for access'),
  infected: final('refused', 'Drive\'s "infected with a virus" page'),
  'not-downloadable': final('refused', 'a Google Docs type, or the owner does not permit downloads'),
  'bad-request': final('refused', 'the source does not take the request as it is (400)'),
  'source-changed': final(
    'corrupt',
    'Drive itself names another size or MD5 than the manifest',
    'the file on Drive is another one by now: give another source, then start the run again',
  ),
  'id-unknown': final(
    'missing',
    'nobody has published its id on Drive, and its folder cannot be listed or does not have it',
    'give --zip-id NAME=ID, or the worker an API key or login that lists the folder, then start the run again',
  ),
  'host-not-allowed': final(
    'refused',
    'the file, or a redirect, leads to a host that is not allowed',
    'permit the host with --allow-host if you trust it, then start the run again',
  ),
  'unsafe-source-path': final('refused', 'the path leaves the source folder, or is not a regular file'),
  'bad-archive': final(
    'refused',
    'the archive, or this member of it, is damaged, encrypted, ambiguous or of a kind that is not read',
    'compare the archive with its published MD5, fetch it anew, or give another source; then start the run again',
  ),
  quota: defer(
    'unavailable',
    "Drive's quota page: this file is deferred, for hours",
    'nothing to do: the run asks again after FFHQ_QUOTA_WAIT, then ever less often, or at `ffhq retry-now`',
  ),
  blocked: stop(
    'unavailable',
    'Google\'s "automated queries" page: it concerns this address, and every file',
    'Google blocks this address: it goes on by itself; a lower --num_threads helps',
  ),
  'daily-limit': stop(
    'unavailable',
    "the day's limit of Google's API, or of FFHQ_GOOGLE_QUOTA, is used up",
    "the day's limit is used up: goes on by itself after midnight, Pacific time",
  ),
  credential: stop(
    'unavailable',
    "the worker's API key or login cannot be used, or Google does not take it",
    "mend the worker's API key or login for Google: it goes on by itself then",
  ),
  'proxy-login': stop(
    'unavailable',
    'the proxy does not take the user name and password, or got none (407)',
    'the proxy wants a login: put it into HTTPS_PROXY and start the worker again',
  ),
  'sign-in': stop(
    'unavailable',
    "Google gives no token for now: its sign-in server has an error, or this machine's clock is wrong",
    "no token from Google for now: tried again; is this machine's clock right?",
  ),
  'network-down': hold(
    'unavailable',
    'no connection can be made at all: refused, no route, name not found',
    'no connection: tried until there is one; wrong host? run `ffhq cancel`',
  ),
  'source-not-mounted': stop(
    'unavailable',
    'the source’s folder or archive on this machine, or the list of --drive-ids, is not there',
    'folder, archive or list of the source not there: mount it at the worker',
  ),
  'host-down': retry(
    'unavailable',
    'its host cannot be reached, while others can',
    'only this host is away: start the run again once it is back, or give another source',
  ),
  connection: retry('unavailable', 'a connection was cut'),
  timeout: retry('unavailable', 'headers or body did not come in time'),
  'too-slow': retry('unavailable', 'under 1 KiB a second for a minute, while the line had more to give'),
  'server-error': retry('unavailable', '5xx, or any other status that promises nothing'),
  'rate-limited': hold(
    'unavailable',
    "429, or an error with a Retry-After, that is not Google's block page",
    'the server asks to wait: it goes on by itself; a lower --num_threads helps',
  ),
  'stale-link': retry('unavailable', '403 of a byte host: it starts again from the first URL'),
  'unknown-page': retry(
    'unavailable',
    'HTML in place of the file, of no known kind',
    'start the run again later; report it, with its sketch in .ffhq/pages if there is one',
  ),
  'confirm-loop': retry('unavailable', 'the confirmation page came again after it was confirmed'),
  'redirect-loop': retry('unavailable', 'too many redirects, or one without a Location'),
  'archive-changed': retry(
    'unavailable',
    'the archive is another one than when its directory was read',
    'leave the archive alone while a run reads it, then start the run again',
  ),
  'short-body': retry('unavailable', 'fewer bytes than promised'),
  'oversized-body': retry('unavailable', 'more bytes than the file may have; cut off there'),
  'source-unreadable': retry(
    'unavailable',
    "the source's own disk or share gives input/output errors (EIO)",
    'look at the disk of the source, or give another source, then start the run again',
  ),
  'range-mismatch': retry('unavailable', '206 with another range or another total than was asked for'),
};

/** How the bytes on the disk differ from the spec. Most are a fault of this file: another attempt may bring other bytes. */
export const contentReasons = {
  'wrong-size': retry('corrupt', 'another number of bytes than the manifest names'),
  'wrong-md5': retry('corrupt', 'another MD5 than the manifest names'),
  'lossy-picture': retry('corrupt', 'a lossy encoding, where pixels are what counts'),
  'not-a-png': retry('corrupt', 'no PNG by its first bytes'),
  'undecodable-png': retry('corrupt', 'a PNG that breaks off or is damaged'),
  'unsupported-png': final('refused', 'a kind of PNG that is not compared: palette, or 16 bit'),
  'wrong-pixel-size': retry('corrupt', 'another width or height than the manifest names'),
  'wrong-pixel-md5': retry('corrupt', 'other pixels than the manifest names'),
  'too-many-pixels': final('refused', 'more pixels than are decoded'),
  'unsafe-path': final('refused', "a symbolic link, or no regular file, stands in the file's path"),
  'not-on-disk': final(
    'missing',
    'nothing lies in its place',
    'run `ffhq verify --repair` (or the download again) to fetch it',
  ),
};

const repairOriginals = 'run `ffhq verify --wilds --repair` on the folder of the originals, then align again';
const lookAtLandmarks = 'look at the landmarks of this record: no face can be cut out by them';
const fewerThreads =
  'start the run again with a lower --align_threads: exactly the unfinished pictures are aligned again';

/** Why a face was not aligned, or not to the published pixels. The same bytes give the same pixels: nothing is tried again. */
export const alignReasons = {
  different: final(
    'different',
    'aligned and stored, but its pixels are not the ones that the manifest names',
  ),
  'different-file': final(
    'different',
    'identical pixels, but not the published file byte for byte (only with --file-identical)',
    'the pixels are identical; the published file was written by another zlib',
  ),
  'missing-original': final(
    'missing',
    'no in-the-wild picture where it should lie',
    'fetch the originals with --wilds, or say where they lie with --source-dir, then start the run again',
  ),
  'wrong-original': final(
    'corrupt',
    'the in-the-wild picture is not the one that the manifest names',
    repairOriginals,
  ),
  'unsupported-original': final(
    'refused',
    'a kind of picture that the recipe is not defined for: grey, palette, alpha, 16 bit',
    'the reference gives no sound result for this kind of picture: convert it to 8-bit RGB if you need it',
  ),
  'undecodable-original': final(
    'corrupt',
    'the in-the-wild picture breaks off or is damaged',
    repairOriginals,
  ),
  'bad-landmarks': final('refused', 'not 68 pairs of finite numbers', lookAtLandmarks),
  'degenerate-face': final(
    'refused',
    'the landmarks span no area, or more than eight times the picture',
    lookAtLandmarks,
  ),
  'rejected-crop': final(
    'refused',
    '--retry-crops drew 1000 crops and none lay inside the picture',
    'a smaller --random-shift, or no --retry-crops, lets this face be cut',
  ),
  'crop-outside': final(
    'refused',
    'the crop lies beside the picture, with nothing of it inside',
    lookAtLandmarks,
  ),
  'out-of-memory': final(
    'unavailable',
    'the thread could not get the memory that this picture needs',
    fewerThreads,
  ),
  'unlike-written': retry(
    'corrupt',
    'the picture that was read back is not the one that was written',
    'the disk or the memory of the worker changes bytes: look at both, then start the run again',
  ),
  'thread-died': final('unavailable', 'the thread that aligned it came to an end', fewerThreads),
};

const repair = 'run `ffhq verify --repair` to replace it, and look at the disk (dmesg, smartctl)';

/** What the file system says of one file, or what became of the process that had it in hand. */
export const fileSystemReasons = {
  unreadable: retry('corrupt', 'the disk cannot read its bytes (EIO)', repair),
  'no-permission': final(
    'unavailable',
    'permission denied for this one file (EACCES, EPERM)',
    'let the worker read and replace this file (owner, mode, chattr), then start the run again',
  ),
  'unusable-name': final(
    'refused',
    'the file system takes no such name: too long, or with characters that it refuses',
    'put the dataset on a file system that takes this name, or shorten the name',
  ),
  'file-too-large': final(
    'unavailable',
    'the file system takes no file this large (FAT: 4 GiB), or `ulimit -f` forbids it',
    'put the dataset on another file system (ext4, XFS, APFS, NTFS, exFAT), then start the run again',
  ),
  'file-system': retry('unavailable', 'the file system refused this file, in words of its own'),
  'not-ours': final(
    'refused',
    'a file that this program did not put there lies in its place, and is kept',
    'move that file away, or give another --out, then start the run again',
  ),
  excluded: final(
    'refused',
    'an archive that holds pictures of records which the folder lets go',
    'nothing to do: archives are not fetched into a folder that has an exclusion list',
  ),
  'killed-worker': retry(
    'unavailable',
    'the process that had it in hand was killed, again and again: by its bytes, or for want of memory',
    'give the worker more memory (dmesg tells of kills for want of it), then start the run again',
  ),
  defect: retry(
    'unavailable',
    'this program failed at this file, with an error of its own',
    'report it with its line of the report: it is a defect of this program',
  ),
};

/** What the dataset folder itself refuses. */
export const storeReasons = {
  'not-mounted': wait(
    "no .ffhq/store.json, or another dataset's: not mounted here, or the wrong folder",
    'the worker sees another folder, or none: mount it there, or set FFHQ_OUT',
  ),
  'outside-root': wait(
    'the folder lies outside of what the worker may write to',
    'start a worker whose `--root` has the folder: it goes on by itself then',
  ),
  'disk-fault': wait(
    'input/output errors (EIO) of the disk that holds the folder, not of one file',
    'the disk gives I/O errors: look at it (dmesg); it goes on by itself',
  ),
  'machine-short': wait(
    'the machine has no open files or no memory left (EMFILE, ENFILE, ENOMEM, EAGAIN)',
    'raise `ulimit -n` or free memory (fewer --num_threads): goes on by itself',
  ),
  owned: end(
    "another Temporal server's run owns the folder",
    'cancel that run where it runs, or give --take-over if it is gone for good',
  ),
  'partial-held': wait(
    'another worker began this file and may still be writing to it',
    'it goes on by itself when that worker lets go, or within 5 minutes of its end',
  ),
  'disk-full': wait(
    'no space is left, or less than --reserve',
    'make room on the disk of the dataset folder: it goes on by itself then',
  ),
  'too-little-space': end(
    'the plan needs more space than there is; found before the first byte',
    'make room, ask for less, or give another folder, then start the run again',
  ),
  'not-writable': end(
    'permission denied, or a read-only file system',
    'let the worker write to the dataset folder, then start the run again',
  ),
  'manifest-lost': end(
    'what the folder keeps of the manifest is missing or damaged, and its text is not there to make it anew',
    'start the run again (or `ffhq verify --repair`): it fetches the manifest anew',
  ),
  'unsafe-folder': end(
    "a symbolic link, or no folder, stands in the dataset's path",
    'put a real folder in its place, then start the run again',
  ),
};

/** Why the file system refused one file; what is no regular file is a matter of its path. */
export type FileSystemReason = keyof typeof fileSystemReasons | 'unsafe-path';

export type StoreFailureReason = keyof typeof storeReasons;

const fileReasons = { ...sourceReasons, ...contentReasons, ...alignReasons, ...fileSystemReasons };

/** Why a file is not in the dataset. */
export type FailureReason = keyof typeof fileReasons;

export const failureReasons = Object.keys(fileReasons) as readonly FailureReason[];

export function reactionTo(reason: FailureReason): Reaction {
  return fileReasons[reason].reaction;
}

export function failedOutcomeOf(reason: FailureReason): FailedOutcome {
  return fileReasons[reason].outcome;
}

/** Notes of another version may have reasons that this one does not know. */
export function isFailureReason(reason: string): reason is FailureReason {
  return Object.hasOwn(fileReasons, reason);
}

export function isStoreReason(reason: string): reason is StoreFailureReason {
  return Object.hasOwn(storeReasons, reason);
}

/** What was seen, in a line. */
export function meaningOf(reason: FailureReason | StoreFailureReason): string {
  return isStoreReason(reason) ? storeReasons[reason].meaning : fileReasons[reason].meaning;
}

/** What a person can do about a file that is not in the dataset; one sentence. */
export function adviceFor(reason: FailureReason): string {
  // Noted by another version, or by somebody else.
  if (!Object.hasOwn(fileReasons, reason))
    return 'this version does not know this reason: start the run again';
  const { advice, outcome } = fileReasons[reason];
  return advice ?? outcomes[outcome].advice;
}

/** `type` of the failure that Temporal is told of: `Source`, `network-down` -> `Source.NetworkDown`. */
export function failureType(
  area: 'Source' | 'Store' | 'Input' | 'Bundle' | 'Notice',
  reason: string,
): string {
  return `${area}.${reason.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase())}`;
}

/** What a person can do about a failure that concerns every file, by its type; undefined where nobody needs to. */
export function adviceForType(type: string): string | undefined {
  return adviceByType.get(type);
}

const adviceByType: ReadonlyMap<string, string | undefined> = new Map([
  ...Object.entries(sourceReasons)
    .filter(([, { reaction }]) => reaction === 'stop' || reaction === 'hold')
    .map(([reason, { advice }]) => [failureType('Source', reason), advice] as const),
  ...Object.entries(storeReasons).map(
    ([reason, { advice }]) => [failureType('Store', reason), advice] as const,
  ),
]);
