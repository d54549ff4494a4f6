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
  'host-not-allowed': final(
    'refused',
    'the file, or a redirect, leads to a host that is not allowed',
    'permit the host with --allow-host if you trust it, then start the run again',
  ),
  'unsafe-source-path': final('refused', 'the path leaves the source folder, or is not a regular file'),
  quota: defer(
    'unavailable',
    "Drive's quota page: this file is deferred, for hours",
    'nothing to do: the run goes on with the other files and asks again after FFHQ_QUOTA_WAIT',
  ),
  blocked: stop(
    'unavailable',
    'Google\'s "automated queries" page: it concerns this address, and every file',
    'Google blocks this address: it goes on by itself; a lower --num_threads helps',
  ),
  'proxy-login': stop(
    'unavailable',
    'the proxy does not take the user name and password, or got none (407)',
    'the proxy wants a login: put it into HTTPS_PROXY and start the worker again',
  ),
  'network-down': hold(
    'unavailable',
    'no connection can be made at all: refused, no route, name not found',
    'no connection: tried until there is one; wrong host? run `ffhq cancel`',
  ),
  'source-not-mounted': stop(
    'unavailable',
    'the local source folder is not there',
    'the source folder is not there: mount it where the worker runs',
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
  'unknown-page': retry('unavailable', 'HTML in place of the file, of no known kind'),
  'confirm-loop': retry('unavailable', 'the confirmation page came again after it was confirmed'),
  'redirect-loop': retry('unavailable', 'too many redirects, or one without a Location'),
  'short-body': retry('unavailable', 'fewer bytes than promised'),
  'oversized-body': retry('unavailable', 'more bytes than the file may have; cut off there'),
  'range-mismatch': retry('unavailable', '206 with another range or another total than was asked for'),
};

/** How the bytes on the disk differ from the spec. Most are a fault of this file: another attempt may bring other bytes. */
export const contentReasons = {
  'wrong-size': retry('corrupt', 'another number of bytes than the manifest names'),
  'wrong-md5': retry('corrupt', 'another MD5 than the manifest names'),
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
  'degenerate-face': final('refused', 'the landmarks span no area', lookAtLandmarks),
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
  'thread-died': final('unavailable', 'the thread that aligned it came to an end', fewerThreads),
};

/** What the dataset folder itself refuses. */
export const storeReasons = {
  'not-mounted': wait(
    "no .ffhq/store.json, or another dataset's: not mounted here, or the wrong folder",
    'the worker sees another folder, or none: mount it there, or set FFHQ_OUT',
  ),
  owned: end(
    "another Temporal server's run owns the folder",
    'cancel that run where it runs, or give --take-over if it is gone for good',
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
  'unsafe-folder': end(
    "a symbolic link, or no folder, stands in the dataset's path",
    'put a real folder in its place, then start the run again',
  ),
};

const fileReasons = { ...sourceReasons, ...contentReasons, ...alignReasons };

/** Why a file is not in the dataset. */
export type FailureReason = keyof typeof fileReasons;

export function reactionTo(reason: FailureReason): Reaction {
  return fileReasons[reason].reaction;
}

export function failedOutcomeOf(reason: FailureReason): FailedOutcome {
  return fileReasons[reason].outcome;
}

/** What a person can do about a file that is not in the dataset; one sentence. */
export function adviceFor(reason: FailureReason): string {
  const { advice, outcome } = fileReasons[reason];
  return advice ?? outcomes[outcome].advice;
}

/** `type` of the failure that Temporal is told of: `Source`, `network-down` -> `Source.NetworkDown`. */
export function failureType(area: 'Source' | 'Store' | 'Input' | 'Bundle', reason: string): string {
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
