import { HOUR, SECOND } from '../../../domain/run/time-units.ts';
import type { HttpResponse } from './client.ts';

const LONGEST_WAIT_MS = 24 * HOUR; // a server that says more is mistaken or hostile

/** Seconds. RFC 9110 knows whole ones only; some servers send others. */
const SECONDS = /^\d+(?:\.\d*)?$/;

/** A day by its name, and a time: each of the three spellings of RFC 9110. `Date.parse` takes nearly any text for a date. */
const DATE = /^[A-Z][a-z]{2,8},? [^:]{1,20}\d\d:\d\d:\d\d(?: |$)/;

/**
 * The wait that a response names, in milliseconds: seconds, begun ones counted in full, or a date; at most a day. A date is
 * held against the server's own clock where the response tells it: ours may be wrong. Undefined where it names none, or one
 * that is over.
 */
export function retryAfterMs(response: HttpResponse, now = Date.now()): number | undefined {
  const value = response.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  const serverNow = dateOf(response.header('date')?.trim() ?? '');
  const wait = SECONDS.test(value)
    ? Math.ceil(Number(value)) * SECOND
    : dateOf(value) - (Number.isNaN(serverNow) ? now : serverNow);
  return wait > 0 ? Math.min(wait, LONGEST_WAIT_MS) : undefined;
}

/** NaN: it is none. */
function dateOf(text: string): number {
  return DATE.test(text) ? Date.parse(text) : Number.NaN;
}
