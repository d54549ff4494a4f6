import fc from 'fast-check';
import { hostileText } from '../../support/hostile-text.ts';

/*
 * JSON texts that begin as something valid, and are then changed as a stranger would: members are dropped, of another type,
 * huge, nested, called like what every object has, there twice; and the whole is spelled as only JSON allows. A case is the
 * list of changes, so that it can be shown and made smaller, whatever its text comes to.
 */

/** A value that is still to be written. Members in their order, and any name as often as one likes. */
type Node =
  | { readonly list: Node[] }
  | { readonly members: [name: string, value: Node][] }
  | { readonly raw: string };

/** One change, and to which of the values, counted in their order. */
interface Edit {
  readonly at: number;
  readonly how: 'drop' | 'replace' | 'rename' | 'add' | 'double' | 'wrap' | 'copy';
  readonly name: string;
  readonly value: Piece;
  readonly from: number;
}

/** A piece of JSON text that is written out only where it is needed. */
type Piece =
  | { readonly text: string }
  | { readonly times: number; readonly open: string; readonly close: string };

export interface HostileJson {
  readonly edits: readonly Edit[];
  /** 0: as `JSON.stringify` does. */
  readonly spelling: number;
}

/** What every object has, what JSON's own readers treat as special, and what is no name. */
export const specialNames = [
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', 'toJSON', 'then'],
  ...['__defineGetter__', 'isPrototypeOf', 'length', 'name', 'mac', 'signed', '', '0', '-1', '../..', '\0'],
] as const;

const numbers = [
  ...['0', '-0', '1', '-1', '0.5', '1e308', '-1e308', '1e999', '-1e999', '5e-324', '9007199254740993'],
  ...['2147483648', '4294967296', '1e21', '0.1e1', '99999', '100000', '123456789012345678901234567890'],
];

const small: fc.Arbitrary<Piece> = fc.oneof(
  fc
    .constantFrom(...numbers, 'null', 'true', 'false', '""', '[]', '{}', '[[]]', '[null]', '{"a":1}')
    .map((text) => ({ text })),
  fc.constantFrom(...specialNames).map((name) => ({ text: JSON.stringify(name) })),
  fc
    .constantFrom(...specialNames)
    .map((name) => ({ text: `{${JSON.stringify(name)}:{"toString":1,"valueOf":1}}` })),
  hostileText.map((text) => ({ text: JSON.stringify(text) })),
  fc.json({ maxDepth: 2 }).map((text) => ({ text })),
);

/** Each costs as much as a hundred others: rare. */
const large: fc.Arbitrary<Piece> = fc.oneof(
  fc.constantFrom(30, 3_000, 200_000).map((times) => ({ times, open: '[', close: ']' })),
  fc.constantFrom(30, 3_000, 100_000).map((times) => ({ times, open: '{"a":', close: '}' })),
  fc.constantFrom(300, 70_000).map((times) => ({ times, open: '"', close: 'x' })),
  fc.constantFrom(300, 70_000).map((times) => ({ times, open: '', close: '0,' })),
);

const piece = fc.oneof({ weight: 15, arbitrary: small }, { weight: 1, arbitrary: large });

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('replace', 'drop', 'rename', 'add', 'double', 'wrap', 'copy'),
  name: fc.oneof(fc.constantFrom(...specialNames), hostileText),
  value: piece,
  from: fc.nat(1_000),
});

/** @param most changes of one text */
export function hostileJson(most = 4): fc.Arbitrary<HostileJson> {
  return fc.record({
    edits: fc.array(edit, { maxLength: most }),
    spelling: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 ** 31 })),
  });
}

/** The text that the changes make of a valid value. */
export function textOf(valid: unknown, { edits, spelling }: HostileJson): string {
  const root: Node = { list: [nodeOf(valid)] };
  for (const one of edits) change(root, one);
  const dice = diceOf(spelling);
  return root.list.map((node) => spelled(node, dice)).join('');
}

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { list: value.map(nodeOf) };
  if (value === null || typeof value !== 'object') return { raw: JSON.stringify(value) };
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return { members: members.map(([name, member]) => [name, nodeOf(member)]) };
}

/** A value's place in what holds it. */
interface Place {
  readonly node: Node;
  put(node: Node | undefined): void;
  rename(name: string): void;
}

function placesIn(holder: Node): Place[] {
  if ('raw' in holder) return [];
  if ('list' in holder) {
    return holder.list.flatMap((node, at) => [
      {
        node,
        put: (other) => void holder.list.splice(at, 1, ...(other ? [other] : [])),
        rename: () => {},
      },
      ...placesIn(node),
    ]);
  }
  return holder.members.flatMap((member, at) => [
    {
      node: member[1],
      put: (other) =>
        void holder.members.splice(at, 1, ...(other ? [[member[0], other] as [string, Node]] : [])),
      rename: (name) => {
        member[0] = name;
      },
    },
    ...placesIn(member[1]),
  ]);
}

function change(root: Node, { at, how, name, value, from }: Edit): void {
  const places = placesIn(root);
  const place = places[at % places.length];
  if (place === undefined) return;
  const other: Node = { raw: rawOf(value) };
  const { node } = place;
  if (how === 'replace') place.put(other);
  else if (how === 'drop') place.put(undefined);
  else if (how === 'rename') place.rename(name);
  else if (how === 'wrap') place.put(from % 2 === 0 ? { list: [node] } : { members: [[name, node]] });
  else if (how === 'copy') place.put(structuredClone(places[from % places.length]?.node ?? other));
  else if ('list' in node) node.list.push(other);
  else if ('members' in node) {
    const known = node.members[from % node.members.length]?.[0];
    node.members.push([how === 'double' && known !== undefined ? known : name, other]);
  }
}

function rawOf(piece: Piece): string {
  if ('text' in piece) return piece.text;
  const { times, open, close } = piece;
  if (open === '') return `[${close.repeat(times)}0]`;
  if (close === 'x') return `"${close.repeat(times)}"`;
  return `${open.repeat(times)}${open.endsWith(':') ? '0' : ''}${close.repeat(times)}`;
}

/** Numbers from 0 to under 1; none where everything is spelled plainly. */
type Dice = () => number;

function diceOf(seed: number): Dice | undefined {
  if (seed === 0) return undefined;
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function spelled(node: Node, dice: Dice | undefined): string {
  if ('raw' in node) return node.raw;
  const space = () =>
    dice && dice() < 0.2 ? ([' ', '\n', '\t', '\r\n  '][Math.floor(dice() * 4)] ?? '') : '';
  const within = (parts: readonly string[]) => parts.map((part) => `${space()}${part}${space()}`).join(',');
  if ('list' in node) return `[${within(node.list.map((one) => spelled(one, dice)))}]`;
  const members = node.members.map(
    ([name, value]) => `${nameOf(name, dice)}${space()}:${space()}${spelled(value, dice)}`,
  );
  return `{${within(members)}}`;
}

function nameOf(name: string, dice: Dice | undefined): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  if (!dice || dice() < 0.7) return JSON.stringify(name);
  return `"${name
    .split('')
    .map((character) => (dice() < 0.5 ? escaped(character) : JSON.stringify(character).slice(1, -1)))
    .join('')}"`;
}
