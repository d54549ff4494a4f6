import type { HttpResponse } from './client.ts';

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000; // a server that says more is mistaken or hostile

/** The wait that a response names, in milliseconds: seconds or a date, at most a day. */
export function retryAfterMs(response: HttpResponse, now = Date.now()): number | undefined {
  const value = response.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}
