/**
 * The door to HTML files that people open. Their literals are ours; every other part passes {@link escaped}, as text and as
 * the value of a quoted attribute alike: it starts no element, ends no attribute and is no reference. Controls and bidi
 * controls stand there written out, as {@link quoted} has them.
 */

import { quoted, quotedLine } from './quoted.ts';

declare const madeHere: unique symbol;

/** Made in this file alone. */
export type Html = string & { readonly [madeHere]: true };

const REFERENCES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' },
};

/**
 * An address of a page in its plain form: a host by letters, digits and dots, no user, no escape from the quotes, brackets
 * and parentheses that it may come to stand in.
 */
const PLAIN_ADDRESS =
  /^https?:\/\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?(?:[/?#][a-z0-9._~%/@+,;:=&?#-]*)?$/i;

/** Characters of an address. */
const MOST_ADDRESS = 2_000;

/** HTML of our own, with parts that are HTML already. */
export function html(ours: TemplateStringsArray, ...parts: readonly (Html | number)[]): Html {
  return ours.map((literal, at) => `${literal}${parts[at] ?? ''}`).join('') as Html;
}

/**
 * Text of others, for a text and for an attribute in quotes.
 *
 * @param most characters, on one line; as it is, line breaks written out, where nothing is said
 */
export function escaped(text: string, most?: number): Html {
  const printable = most === undefined ? quoted(text) : quotedLine(text, most);
  return printable.replace(/[&<>"'`]/g, (character) => REFERENCES[character] ?? '') as Html;
}

/** The same in an element of its own, so that a name that runs from right to left turns nothing beside it. */
export function isolated(text: string, most: number): Html {
  return `<bdi>${escaped(text, most)}</bdi>` as Html;
}

/** A link of the text to an address that {@link plainAddress} takes; the text alone otherwise. */
export function linkedHtml(text: string, address: string, most: number): Html {
  const to = plainAddress(address);
  const shown = isolated(text, most);
  if (to === undefined) return shown;
  return `<a href="${escaped(to)}" rel="noopener noreferrer nofollow">${shown}</a>` as Html;
}

/** Parts one after the other. */
export function joinedHtml(parts: readonly Html[]): Html {
  return parts.join('') as Html;
}

/** An address that may become a link: of http or https, in its plain form. Undefined: it stays a text. */
export function plainAddress(address: string): string | undefined {
  return address.length <= MOST_ADDRESS && PLAIN_ADDRESS.test(address) ? address : undefined;
}
