/** How values that came from somebody else are looked at, field by field. */

import { parseIds, parseMd5 } from '../dataset/ids.ts';
import { componentsOf } from '../dataset/plain-path.ts';

/** What is wrong with a value, after "expected"; undefined: nothing. */
export type Check = (value: unknown) => string | undefined;

/** Longer texts name nothing that there is. */
const MOST_TEXT = 4_096;

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MOST_TEXT;

export const text: Check = (value) =>
  isText(value) ? undefined : `a text of at most ${MOST_TEXT} characters`;
export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
export const md5: Check = (value) => (parseMd5(value) === undefined ? '32 hex digits' : undefined);
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
    typeof value === 'string' && choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
}

export function listOf(check: Check, most: number): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return `a list of at most ${most}`;
    for (const each of value) {
      const problem = check(each);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** `keys`: the only ones that it may have. */
export function tableOf(check: Check, keys?: readonly string[]): Check {
  return (value) => {
    if (!isObject(value)) return 'an object';
    for (const [key, each] of Object.entries(value)) {
      const problem = keys === undefined || keys.includes(key) ? check(each) : `keys of ${keys.join(', ')}`;
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Fields that are not named are nobody's, and are not looked at. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isObject(value)) return 'an object';
    for (const [field, check] of Object.entries(fields)) {
      const problem = check(value[field]);
      if (problem !== undefined) return `${field}: ${problem}`;
    }
    return undefined;
  };
}

/** What is wrong in words: which field, and what was expected there; what came is not repeated. */
export function sentenceOf(what: string, problem: string): string {
  const at = problem.lastIndexOf(': ');
  const [field, expected] = at === -1 ? ['', problem] : [problem.slice(0, at), problem.slice(at + 2)];
  const place = field === '' ? '' : ` [${field.replaceAll(': ', '.')}]`;
  return `${what}${place}: expected ${expected}, got something else`;
}
