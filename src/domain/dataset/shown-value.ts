/** Levels of a value that are shown; what lies deeper is left out. */
const MOST_LEVELS = 5;

/**
 * What stands where something else was expected, as JSON in one printable line of about `most` characters. The value is a
 * stranger's: it may be nested as deep and be as long as it likes, since no more of it is looked at than is shown.
 */
export function shownValue(value: unknown, most = 120): string {
  const text = jsonStart(value, most, 0);
  return escaped(text.length > most ? `${text.slice(0, most)}...` : text);
}

/** What stands where names of people may: its kind and length, and nothing of what it says. */
export function kindOfValue(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length.toLocaleString('en-US')} characters`;
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Part of a name, printable: what a terminal or an editor would act on stands as an escape. */
export function shownName(name: string, most = 40): string {
  return escaped(name.slice(0, most));
}

/** As `JSON.stringify` has it, as far as it is wanted. */
function jsonStart(value: unknown, most: number, level: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, most + 1));
  if (typeof value === 'number' && !Number.isFinite(value)) return `the number ${value}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'nothing';
  if (Array.isArray(value)) {
    if (level === MOST_LEVELS) return '[...]';
    let text = '[';
    for (let at = 0; at < value.length && text.length <= most; at++) {
      text += `${at === 0 ? '' : ','}${jsonStart(value[at], most - text.length, level + 1)}`;
    }
    return `${text}]`;
  }
  if (level === MOST_LEVELS) return '{...}';
  let text = '{';
  for (const key in value) {
    if (text.length > most) break;
    const member = jsonStart(Reflect.get(value, key), most - text.length, level + 1);
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key.slice(0, most))}:${member}`;
  }
  return `${text}}`;
}

function escaped(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
