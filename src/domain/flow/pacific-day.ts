import { HOUR, MINUTE } from '../run/time-units.ts';

/** The day by whose midnight Google's quotas begin anew. */
const pacific = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
});

/** The day there at this moment (ms since the epoch), as `2026-11-27`. */
export function pacificDay(now: number): string {
  const { year, month, day } = partsOf(now);
  return `${year}-${month}-${day}`;
}

/** Milliseconds until the next day there begins; more than none. */
export function untilPacificMidnight(now: number): number {
  const { hour, minute, second } = partsOf(now);
  const sinceMidnight = Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * 1000 + (now % 1000);
  const guess = now - sinceMidnight + 24 * HOUR;
  // Days on which clocks are changed are an hour longer or shorter; that happens in the small hours.
  for (const end of [guess - HOUR, guess, guess + HOUR]) {
    const at = partsOf(end);
    if (end > now && at.hour === '00' && at.minute === '00' && pacificDay(end) !== pacificDay(now))
      return end - now;
  }
  return guess - now;
}

function partsOf(now: number): Readonly<Record<string, string>> {
  return Object.fromEntries(pacific.formatToParts(now).map(({ type, value }) => [type, value]));
}
