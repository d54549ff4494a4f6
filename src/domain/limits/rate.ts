import { parsedTime, type WallTime, weekMinuteAt } from './wall-time.ts';

/** Bytes a second; `off`: as fast as it goes. */
export type Rate = number | 'off';

/**
 * How fast a run may fetch, as rclone spells it: one rate (`20M`), or a timetable (`08:00,5M 23:00,off`), by the clock of
 * the time zone that stands beside it. Each entry holds until the next one; before the day's first the last one holds on.
 */
export interface Bandwidth {
  /** As it was written, in one spelling. */
  readonly text: string;
  /** IANA name, such as `Europe/Berlin`; of a timetable alone. */
  readonly zone?: string;
}

interface Entry {
  readonly from: WallTime;
  readonly rate: Rate;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Below it, one piece of a body takes a minute. */
const LEAST = 1024;
const MOST = 1024 ** 4;
const MOST_ENTRIES = 100;
const MOST_TEXT = 2_000;

/** A name of the right form; which ones there are differs from host to host. */
const ZONE = /^[\w+/-]{1,64}$/;

const EXPECTED =
  'expected a rate from 1k to 1024G with its unit (k, M, G: binary), off, or a timetable such as "08:00,5M 23:00,off"';

/**
 * @param zone of whoever wrote it: times of a timetable are told by it
 * @returns what it means, or what is wrong with it
 */
export function parseBandwidth(text: string, zone: string): Bandwidth | { readonly problem: string } {
  const entries = entriesOf(text);
  if (entries === undefined) return { problem: EXPECTED };
  const [only] = entries;
  if (typeof only === 'number' || only === 'off') return { text: formatRate(only) };
  const table = entries as readonly Entry[];
  if (!ZONE.test(zone)) return { problem: 'expected the name of a time zone beside the timetable, got none' };
  return { text: table.map(({ from, rate }) => `${from.text},${formatRate(rate)}`).join(' '), zone };
}

/** Bytes a second at this time (ms since the epoch); what this version cannot read limits nothing. */
export function rateAt({ text, zone = 'UTC' }: Bandwidth, now: number): Rate {
  const entries = entriesOf(text) ?? [];
  const [only] = entries;
  if (only === undefined) return 'off';
  if (typeof only === 'number' || only === 'off') return only;
  const table = entries as readonly Entry[];
  const minute = weekMinuteAt(now, zone);
  const times = table.flatMap(({ from, rate }) => from.weekMinutes.map((at) => ({ at, rate })));
  times.sort((one, other) => one.at - other.at);
  const last = times.findLast(({ at }) => at <= minute) ?? times.at(-1);
  return last?.rate ?? 'off';
}

/** As {@link parseBandwidth} reads it: `20M`, `1.5M`, `off`. */
export function formatRate(rate: Rate): string {
  if (rate === 'off') return rate;
  const [unit, size] = Object.entries(UNITS).findLast(([, bytes]) => rate >= bytes) ?? ['B', 1];
  const value = rate / size;
  return Number.isInteger(value * 1000) ? `${value}${unit}` : `${rate}B`;
}

/** One rate, or the entries of a timetable; undefined: it is neither. */
function entriesOf(text: string): readonly [Rate] | readonly Entry[] | undefined {
  if (text.length > MOST_TEXT) return undefined;
  const words = text.trim().split(/\s+/);
  if (words.length > MOST_ENTRIES) return undefined;
  const [first = ''] = words;
  if (words.length === 1 && !first.includes(',')) {
    const rate = rateOf(first);
    return rate === undefined ? undefined : [rate];
  }
  const entries = words.map((word): Entry | undefined => {
    const [at = '', said = '', more] = word.split(',');
    const [from, rate] = [parsedTime(at), rateOf(said)];
    return from === undefined || rate === undefined || more !== undefined ? undefined : { from, rate };
  });
  const known = entries.filter((entry) => entry !== undefined);
  const minutes = known.flatMap(({ from }) => from.weekMinutes);
  return known.length === words.length && new Set(minutes).size === minutes.length ? known : undefined;
}

function rateOf(text: string): Rate | undefined {
  if (/^off$/i.test(text)) return 'off';
  const [, figure = '', unit = ''] = /^(\d{1,13}(?:\.\d{1,3})?)([bkmg])(?:i?b)?$/i.exec(text) ?? [];
  const size = UNITS[unit.toUpperCase()];
  const rate = size === undefined ? Number.NaN : Math.round(Number(figure) * size);
  return rate >= LEAST && rate <= MOST ? rate : undefined;
}
