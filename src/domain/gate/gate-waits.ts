import { HOUR, MINUTE, SECOND } from '../run/time-units.ts';

/** Blocks last from minutes to a day. */
const FIRST_WAIT = 5 * MINUTE;
const LONGEST_GROWTH = 6 * HOUR;
/** What a source may ask for itself. */
const LONGEST_ASKED = 25 * HOUR;
/** A day's limit that does not say when it ends. */
const LIMIT_WAIT = HOUR;
/** A probe that got no answer says nothing of the source. */
const UNCLEAR_WAIT = 30 * SECOND;

/** Probes in a row without an answer after which the gate opens: that the network is down is waited for elsewhere. */
export const MOST_UNCLEAR = 5;

/** How long waits are, as a gate is told when it is started. */
export interface GateWaits {
  /** All waits are divided by it, but those that the source asks for; 1 but in tests. */
  readonly dividedBy: number;
}

/**
 * Milliseconds for which a gate stays closed: 5 minutes that double with each refusal in a row, to 6 hours; never less than
 * the source asked for. What is guessed gets up to a fifth more, so that not all who were refused come back at the same moment;
 * a time that the source named is kept as it is. One that asks for a second again and again is not asked each second.
 *
 * @param times refusals in a row before this one
 * @param random from 0 to 1
 */
export function closedMs(
  refusal: { readonly reason: string; readonly retryAfterMs?: number },
  times: number,
  { dividedBy }: GateWaits,
  random: number,
): number {
  const first =
    refusal.reason === 'daily-limit' && refusal.retryAfterMs === undefined ? LIMIT_WAIT : FIRST_WAIT;
  const grown = Math.min(LONGEST_GROWTH, first * 2 ** Math.min(times, 20)) / dividedBy;
  return Math.ceil(Math.max(grown * (1 + random / 5), askedMs(refusal)));
}

/** Milliseconds that the source itself asks for. */
export function askedMs({ retryAfterMs = 0 }: { readonly retryAfterMs?: number }): number {
  return Math.min(LONGEST_ASKED, retryAfterMs);
}

/** Milliseconds before a probe that got no answer is made once more. */
export function unclearMs({ dividedBy }: GateWaits): number {
  return Math.ceil(UNCLEAR_WAIT / dividedBy);
}

/** Milliseconds for which an open gate, or one that nobody waits at, remembers how often it was closed. */
export function rememberMs(lastClosedMs: number, { dividedBy }: GateWaits): number {
  return Math.max(lastClosedMs, Math.ceil(HOUR / dividedBy));
}

/** Milliseconds after the time at which a gate probes when those who wait and heard nothing look themselves. */
export function lookAgainMs({ dividedBy }: GateWaits): number {
  return Math.max(5 * SECOND, Math.ceil(MINUTE / dividedBy));
}

/** Milliseconds between two probes that a person may ask for. */
export function hurryMs({ dividedBy }: GateWaits): number {
  return (30 * SECOND) / dividedBy;
}
