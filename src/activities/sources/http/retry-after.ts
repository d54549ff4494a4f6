import { HOUR, SECOND } from '../../../domain/run/time-units.ts';
import type { HttpResponse } from './client.ts';

const LONGEST_WAIT_MS = 24 * HOUR; // a server that says more is mistaken or hostile

/** Seconds. RFC 9110 knows whole ones only; some servers send others. */
const SECONDS = /^\d+(?:\.\d*)?$/;

/** A day by its name, and a time: each of the three spellings of RFC 9110. `Date.parse` takes nearly any text for a date. */
const DATE = /^[A-Z][a-z]{2,8},? [^:]{1,20}\d\d:\d\d:\d\d(?: |$)/;

/** A year at most behind the time: the C spelling (asctime) names no zone, and `Date.parse` would take this machine's. */
const WITHOUT_ZONE = /:\d\d(?: \d{4})?$/;

/** Between two lines of the same name that were joined; a date has a comma of its own. */
const BETWEEN_LINES = /, +(?=\d+(?:\.\d*)? *(?:,|$)|[A-Z][a-z]{2,8},? )/;

/**
 * The wait that a response names, in milliseconds: seconds, begun ones counted in full, or a date; of several the longest;
 * at most a day. A date is held against the server's own clock where the response tells it: ours may be wrong. Undefined
 * where it names none, or one that is over.
 */
export function retryAfterMs(response: HttpResponse, now = Date.now()): number | undefined {
  const serverNow = httpDate(response.header('date') ?? '');
  const waits = (response.header('retry-after') ?? '')
    .trim()
    .split(BETWEEN_LINES)
    .map((value) => waitMs(value.trim(), Number.isNaN(serverNow) ? now : serverNow))
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : Math.min(Math.max(...waits), LONGEST_WAIT_MS);
}

function waitMs(value: string, now: number): number {
  return SECONDS.test(value) ? Math.ceil(Number(value)) * SECOND : httpDate(value) - now;
}

/** A date of a header in milliseconds since the epoch: all of HTTP's are of Greenwich. NaN: it is none. */
export function httpDate(text: string): number {
  const date = text.trim();
  if (!DATE.test(date)) return Number.NaN;
  return Date.parse(WITHOUT_ZONE.test(date) ? `${date} GMT` : date);
}
