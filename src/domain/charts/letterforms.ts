import { quotedLine } from '../quoting/quoted.ts';
import { letters } from './letters.ts';

/** Units of an outline to an em. */
export const EM = 1_000;

interface Letterform {
  readonly advance: number;
  /** Relative to the pen: `m`, `l`, `q`, `z`. */
  readonly outline: string;
}

/** Stands for every letter that we have no outline of: an empty box, as fonts do it. */
const BOX: Letterform = { advance: 600, outline: 'm50-729l500 0l0 729l-500 0zm70 70l0 589l360 0l0-589z' };

let known: ReadonlyMap<number, Letterform> | undefined;

/** Of a character; those that are written over the one before take no room. */
export function letterform(character: string): Letterform {
  known ??= new Map(letters.map(parsed));
  return known.get(character.codePointAt(0) ?? 0) ?? BOX;
}

/** Key of the outline: equal ones look the same. */
export function letterKey(character: string): string {
  return letterform(character) === BOX ? 'box' : (character.codePointAt(0) ?? 0).toString(36);
}

/** Characters of a text, composed where there is one letter for two characters. */
export function charactersOf(text: string): string[] {
  return [...text.normalize('NFC')];
}

export function widthOf(text: string, size: number): number {
  const units = charactersOf(text).reduce((sum, character) => sum + letterform(character).advance, 0);
  return (units * size) / EM;
}

/** More characters fill no line of a chart. */
const MOST_CHARACTERS = 200;

/** Text of others as a line that is no wider: printable, and cut with an ellipsis. */
export function fitted(text: string, size: number, width: number): string {
  const whole = charactersOf(quotedLine(text, MOST_CHARACTERS));
  const room = (width * EM) / size;
  const units = (characters: readonly string[]) =>
    characters.reduce((sum, character) => sum + letterform(character).advance, 0);
  if (units(whole) <= room) return whole.join('');
  let left = room - letterform('…').advance;
  const end = whole.findIndex((character) => {
    left -= letterform(character).advance;
    return left < 0;
  });
  return `${whole.slice(0, end).join('').trimEnd()}…`;
}

function parsed(line: string): readonly [number, Letterform] {
  const [, code = '', advance = '', outline = ''] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
  return [Number(code), { advance: Number(advance), outline }];
}
