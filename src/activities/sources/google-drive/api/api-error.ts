import type { SourceFailureReason } from '../../../../domain/failure/source-failure.ts';
import { parsedJson } from '../../../../domain/parsed-json.ts';

/** What a refusal of Google's API is; never by its message, which is for people and changes. */
export interface ApiRefusal {
  readonly reason: SourceFailureReason;
  /** Google's own word for it, where it has one. */
  readonly word: string | undefined;
  /** What whoever runs the worker can do. */
  readonly hint?: string;
}

type Row = Omit<ApiRefusal, 'word'>;

const limited: Row = { reason: 'rate-limited' };
const priv: Row = { reason: 'private' };
const badKey: Row = {
  reason: 'credential',
  hint: 'Google does not take the API key: is it whole, and in use?',
};
const keyBound: Row = {
  reason: 'credential',
  hint: "the API key's restrictions do not let it ask for this, or not from here",
};
const notEnabled: Row = {
  reason: 'credential',
  hint: 'enable the Google Drive API in the project of the key or login',
};
const scope: Row = { reason: 'credential', hint: 'the login lacks the scope drive.readonly: log in again' };

/** By status and Google's word. */
const rows: ReadonlyMap<string, Row> = new Map([
  ['400 keyInvalid', badKey],
  ['400 keyExpired', badKey],
  ['400 API_KEY_INVALID', badKey],
  ['400 API_KEY_EXPIRED', badKey],
  ['403 keyInvalid', badKey],
  ['403 keyExpired', badKey],
  ['403 ipRefererBlocked', keyBound],
  ['403 API_KEY_SERVICE_BLOCKED', keyBound],
  ['403 API_KEY_HTTP_REFERRER_BLOCKED', keyBound],
  ['403 API_KEY_IP_ADDRESS_BLOCKED', keyBound],
  ['403 userRateLimitExceeded', limited],
  ['403 rateLimitExceeded', limited],
  ['403 sharingRateLimitExceeded', limited],
  ['403 dailyLimitExceeded', { reason: 'daily-limit' }],
  ['403 dailyLimitExceededUnreg', { reason: 'credential', hint: 'the request came without a key' }],
  ['403 accessNotConfigured', notEnabled],
  ['403 SERVICE_DISABLED', notEnabled],
  ['403 insufficientPermissions', scope],
  ['403 ACCESS_TOKEN_SCOPE_INSUFFICIENT', scope],
  ['403 downloadQuotaExceeded', { reason: 'quota' }],
  ['403 cannotDownloadAbusiveFile', { reason: 'infected' }],
  ['403 abuse', { reason: 'infected' }],
  ['403 fileNotDownloadable', { reason: 'not-downloadable' }],
  ['403 cannotDownloadFile', { reason: 'not-downloadable' }],
  ['403 insufficientFilePermissions', priv],
  ['403 appNotAuthorizedToFile', priv],
  ['403 domainPolicy', priv],
]);

/** Statuses that say enough by themselves. An unknown 403 may pass, and costs its file alone if it does not. */
const byStatus: ReadonlyMap<number, SourceFailureReason> = new Map([
  [400, 'bad-request'],
  [401, 'credential'],
  [404, 'missing'],
  [410, 'missing'],
  [416, 'range-mismatch'],
  [429, 'rate-limited'],
]);

/** Reads a refusal with whatever body came with it: the envelope, another text, or none. */
export function readApiRefusal(status: number, body: string): ApiRefusal {
  const words = wordsOf(parsedJson(body));
  for (const word of words) {
    const row = rows.get(`${status} ${word}`);
    if (row !== undefined) return { ...row, word };
  }
  return { reason: byStatus.get(status) ?? 'server-error', word: words.at(-1) };
}

/** `error.details[].reason`, which tells more where it is there, and `error.errors[0].reason`. */
function wordsOf(body: unknown): readonly string[] {
  const error = fieldOf(body, 'error');
  const details = fieldOf(error, 'details');
  const errors = fieldOf(error, 'errors');
  const told = [
    ...(Array.isArray(details) ? details.slice(0, 8) : []),
    ...(Array.isArray(errors) ? errors.slice(0, 1) : []),
  ];
  return told.map((one) => fieldOf(one, 'reason')).filter(isWord);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^\w{1,64}$/.test(value);
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** What the API says that a file is. */
export interface AnnouncedFile {
  /** Bytes. */
  readonly size: number | undefined;
  readonly md5: string | undefined;
}

/** Reads `size` and `md5Checksum` of a file; undefined, each by itself, where the answer does not have it. */
export function readAnnounced(body: string): AnnouncedFile {
  return announcedOf(parsedJson(body));
}

/** The same of one that was parsed, among others. */
export function announcedOf(value: unknown): AnnouncedFile {
  const size = fieldOf(value, 'size');
  const md5 = fieldOf(value, 'md5Checksum');
  return {
    size: typeof size === 'string' && /^\d{1,15}$/.test(size) ? Number(size) : undefined,
    md5: typeof md5 === 'string' && /^[0-9a-f]{32}$/i.test(md5) ? md5.toLowerCase() : undefined,
  };
}
