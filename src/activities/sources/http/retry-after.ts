import { HOUR, SECOND } from '../../../domain/run/time-units.ts';
import type { HttpResponse } from './client.ts';

const LONGEST_WAIT_MS = 24 * HOUR; // a server that says more is mistaken or hostile

/**
 * The wait that a response names, in milliseconds: seconds or a date, at most a day. A date is held against the server's
 * own clock where the response tells it: ours may be wrong. Undefined where it names none, or one that is over.
 */
export function retryAfterMs(response: HttpResponse, now = Date.now()): number | undefined {
  const value = response.header('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  const serverNow = Date.parse(response.header('date') ?? '');
  const wait = /^\d+$/.test(value)
    ? Number(value) * SECOND
    : Date.parse(value) - (Number.isNaN(serverNow) ? now : serverNow);
  return wait > 0 ? Math.min(wait, LONGEST_WAIT_MS) : undefined;
}
