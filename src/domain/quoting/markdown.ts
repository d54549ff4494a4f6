/**
 * The door to the Markdown of the Temporal UI, where details and summaries are rendered with links, pictures and all, and of
 * files that people read. Its literals are ours; every other part passes {@link shown} or {@link code}, and what strangers
 * wrote then stands in a code span, in which nothing is active; in files, where names are to look like names, it passes
 * {@link inline} or {@link linked}.
 */

import { plainAddress } from './html.ts';
import { quoted, quotedLine } from './quoted.ts';

declare const madeHere: unique symbol;

/** Made in this file alone. */
export type Markdown = string & { readonly [madeHere]: true };

/** Characters of a part that strangers wrote; a path is no longer. */
const MOST = 1_000;

/** Means in Markdown what it says, wherever in a line it stands. */
const PLAIN = /^[\p{L}\p{N}/][\p{L}\p{M}\p{N} ,.;:()%/+=-]*$/u;
/** Letters that are active all the same: GFM makes links of these, lists of those. */
const ACTIVE = /:\/\/|www\.|^\d+[.)](\s|$)|::/iu;

/** The UI puts the names of what is on the screen in their place, in code spans too. */
const PLACEHOLDER = /\{(?=(namespace|workflowId|runId)\})/g;

/** Markdown of our own, with parts that are Markdown already. */
export function markdown(ours: TemplateStringsArray, ...parts: readonly (Markdown | number)[]): Markdown {
  return ours.map((literal, at) => `${literal}${parts[at] ?? ''}`).join('') as Markdown;
}

/** Text as it is where nothing in it is active, in a code span otherwise. */
export function shown(text: string): Markdown {
  const line = quotedLine(text, MOST);
  return PLAIN.test(line) && !ACTIVE.test(line) ? (line as Markdown) : code(line);
}

/** A code span: names, paths, addresses. */
export function code(text: string): Markdown {
  const line = quotedLine(text, MOST).replace(PLACEHOLDER, '\\x7b') || ' ';
  const fence = fenceFor(line, 1);
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}` as Markdown;
}

/**
 * Means something wherever in a line it stands, to CommonMark, to GFM, or to those who render formulas and names; is read as
 * a link without any brackets; makes lists, headings and rules at the beginning of a line.
 */
const ACTIVE_INLINE = /[\\`*_~[\]<>&|{}#$^@]|:(?=\/\/)|(?<=www)\.|\.(?=\p{L})|(?<=^\d*)[-+=.):]/giu;
/** Read as a mail address after all escapes are read. */
const BECOMES_ADDRESS = /@(?=[^@\s]*\.)/g;

/** Text of others as text of a line, character for character to whoever reads it rendered; controls are written out. */
export function inline(text: string, most: number): Markdown {
  return quotedLine(text, most)
    .replace(ACTIVE_INLINE, '\\$&')
    .replace(BECOMES_ADDRESS, '@<!-- -->') as Markdown;
}

/** A link of the text to an address that {@link plainAddress} takes; the text alone otherwise. */
export function linked(text: string, address: string, most: number): Markdown {
  const to = plainAddress(address);
  const label = inline(text, most);
  return (
    to === undefined || label === '' ? label : `[${label}](${to.replaceAll('&', '&amp;')})`
  ) as Markdown;
}

/** A block in which columns stay aligned. */
export function fenced(lines: readonly string[]): Markdown {
  const quotedLines = lines.map((line) => quoted(line).replace(PLACEHOLDER, '\\x7b'));
  const fence = fenceFor(quotedLines.join('\n'), 3);
  return [fence, ...quotedLines, fence].join('\n') as Markdown;
}

/** Parts one after the other. */
export function joined(parts: readonly Markdown[], between: '\n' | '\n\n' | ', '): Markdown {
  return parts.join(between) as Markdown;
}

/** Backticks that nothing in the text ends. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

/** Options of a Temporal command: what the Timeline says of it. */
export function summarized(summary: Markdown): { readonly summary: string } {
  return { summary };
}

/** Options of a Workflow: its summary, and the details that never change. */
export function described(
  summary: Markdown,
  details?: Markdown,
): { readonly staticSummary: string; readonly staticDetails?: string } {
  return { staticSummary: summary, ...(details === undefined ? {} : { staticDetails: details }) };
}
