/** How values that came from somebody else are looked at, field by field. */

import { parseIds, parseMd5 } from '../dataset/ids.ts';
import { componentsOf } from '../dataset/plain-path.ts';
import { isObject } from '../parsed-json.ts';

/** What is wrong with a value, after "expected"; undefined: nothing. */
export interface Check {
  (value: unknown): string | undefined;
  /** Of a value with nothing wrong: what was looked at, without the rest. Absent: that is all of it. */
  readonly kept?: (value: never) => unknown;
}

/** A value that was checked, without the fields that its check does not name. */
export function keptOf(check: Check, value: unknown): unknown {
  return check.kept === undefined ? value : check.kept(value as never);
}

/** Longer texts name nothing that there is. */
const MOST_TEXT = 4_096;

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MOST_TEXT;

export const text: Check = (value) =>
  isText(value) ? undefined : `a text of at most ${MOST_TEXT} characters`;
export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
export const md5: Check = (value) => (parseMd5(value) === undefined ? '32 hex digits' : undefined);
export const sha256: Check = (value) =>
  isText(value) && /^[0-9a-f]{64}$/.test(value) ? undefined : '64 hex digits';
/** As `toISOString` writes it, up to the year 9999. */
export const isoTime: Check = (value) =>
  isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value))
    ? undefined
    : 'a time in ISO 8601, in UTC with milliseconds';
export const ids: Check = (value) => {
  try {
    if (typeof value === 'string') parseIds(value);
    return typeof value === 'string' ? undefined : 'ids as ranges';
  } catch {
    return 'ids as ranges';
  }
};
export const name: Check = (value) =>
  isText(value) && componentsOf(value)?.length === 1 ? undefined : 'one plain name';
export const folder: Check = (value) => (isText(value) && /^\d{5}$/.test(value) ? undefined : 'five digits');

export function whole(least: number, most: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? undefined
      : `a whole number from ${least} to ${most}`;
}

export function number(least: number, most: number): Check {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most ? undefined : `${least} to ${most}`;
}

export function oneOf(choices: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && choices.includes(value) ? undefined : `one of ${listed(choices)}`;
}

/** A text, of which no more than this is kept. */
export function cut(most: number): Check {
  return Object.assign((value: unknown) => text(value), { kept: (value: string) => value.slice(0, most) });
}

export function listOf(check: Check, most: number): Check {
  const problemOf = (value: unknown) => {
    if (!Array.isArray(value) || value.length > most) return `a list of at most ${most}`;
    for (const each of value) {
      const problem = check(each);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return Object.assign(problemOf, {
    kept: (value: readonly unknown[]) => value.map((each) => keptOf(check, each)),
  });
}

/** `keys`: the only ones that it may have. */
export function tableOf(check: Check, keys?: readonly string[]): Check {
  const problemOf = (value: unknown) => {
    if (!isObject(value)) return 'an object';
    for (const [key, each] of Object.entries(value)) {
      const problem = keys === undefined || keys.includes(key) ? check(each) : `keys of ${listed(keys)}`;
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return Object.assign(problemOf, {
    kept: (value: object) =>
      Object.fromEntries(Object.entries(value).map(([key, each]) => [key, keptOf(check, each)])),
  });
}

export function optional(check: Check): Check {
  return Object.assign((value: unknown) => (value === undefined ? undefined : check(value)), {
    kept: (value: unknown) => (value === undefined ? undefined : keptOf(check, value)),
  });
}

/** Fields that are not named are nobody's: they are not looked at, and not kept. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  const problemOf = (value: unknown) => {
    if (!isObject(value)) return 'an object';
    for (const [field, check] of Object.entries(fields)) {
      const problem = check(value[field]);
      if (problem !== undefined) return `${field}: ${problem}`;
    }
    return undefined;
  };
  return Object.assign(problemOf, {
    kept: (value: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(fields)
          .filter(([field]) => value[field] !== undefined)
          .map(([field, check]) => [field, keptOf(check, value[field])]),
      ),
  });
}

/** Long lists by their first ones. */
function listed(choices: readonly string[]): string {
  return choices.length > 12 ? `${choices.slice(0, 12).join(', ')} and so on` : choices.join(', ');
}

/** What is wrong in words: which field, and what was expected there; what came is not repeated. */
export function sentenceOf(what: string, problem: string): string {
  const at = problem.lastIndexOf(': ');
  const [field, expected] = at === -1 ? ['', problem] : [problem.slice(0, at), problem.slice(at + 2)];
  const place = field === '' ? '' : ` [${field.replaceAll(': ', '.')}]`;
  return `${what}${place}: expected ${expected}, got something else`;
}
