import { refused } from '../../../domain/failure/command-failure.ts';
import { parseByteCount } from '../../../domain/flow/byte-count.ts';
import { refusalOfUrl } from '../../../domain/network/request-url.ts';
import { HOUR, MINUTE, SECOND } from '../../../domain/run/time-units.ts';

/** Parsers of single flag values; each names the flag, what it expects and what it got. */
export type ValueParser<Value> = (text: string) => Value;

export function wholeNumber(flag: string, from: number, to: number): ValueParser<number> {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw refused(`flag [${flag}]: expected a whole number from ${from} to ${to}, got ${shown(text)}`);
  };
}

export function decimalNumber(flag: string, from: number, to: number): ValueParser<number> {
  return (text) => {
    const value = /^[0-9]{0,9}(\.[0-9]{1,9})?$/.test(text) && text !== '' ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw refused(`flag [${flag}]: expected a number from ${from} to ${to}, got ${shown(text)}`);
  };
}

/** Bytes, plain or with a unit: `67108864`, `64MiB`, `64M` (both 1024-based), `64MB` (1000-based). */
export function byteCount(flag: string, from: number, to: number): ValueParser<number> {
  return (text) => {
    const value = parseByteCount(text) ?? Number.NaN;
    if (value >= from && value <= to) return value;
    throw refused(
      `flag [${flag}]: expected bytes from ${from} to ${to}, plain or with a unit such as 64MiB, got ${shown(text)}`,
    );
  };
}

const timeUnits: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: 24 * HOUR };

/** A time in milliseconds, spelled as `90s`, `30m`, `2h` or `1d`. */
export function duration(flag: string, from: number, to: number): ValueParser<number> {
  return (text) => {
    const match = /^([0-9]{1,9})([smhd])$/.exec(text);
    const value = Number(match?.[1]) * (timeUnits[match?.[2] ?? ''] ?? Number.NaN);
    if (value >= from && value <= to) return value;
    const most = `${to / (24 * HOUR)}d`;
    throw refused(
      `flag [${flag}]: expected a time from ${from / SECOND}s to ${most}, such as 30m, got ${shown(text)}`,
    );
  };
}

export function oneOf<Choice extends string>(flag: string, choices: readonly Choice[]): ValueParser<Choice> {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw refused(`flag [${flag}]: expected one of ${choices.join(', ')}, got ${shown(text)}`);
  };
}

/** An http(s) URL. Whatever in it may be a secret is refused without being repeated: a request stays in the workflow's history. */
export function httpUrl(flag: string): ValueParser<URL> {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw refused(`flag [${flag}]: expected an http(s) URL, got ${shown(text)}`);
    }
    const problem = refusalOfUrl(url);
    if (problem !== undefined) throw refused(`flag [${flag}]: ${problem}`);
    return url;
  };
}

export function shown(text: string): string {
  if (text === '') return 'nothing';
  // What may be a secret in a mistyped URL is not repeated.
  const safe = text.replace(/^(.*?\/\/)?.*@/s, '$1...@').replace(/[?#].*/s, '?...');
  return safe.length > 80 ? `${safe.slice(0, 80)}...` : safe;
}
