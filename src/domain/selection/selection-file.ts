import { sha256Of } from '../dataset/digest.ts';
import type { Md5 } from '../dataset/ids.ts';
import { taskKinds } from '../kinds.ts';
import { parsedJson } from '../parsed-json.ts';
import {
  ids as idsCheck,
  keptOf,
  listOf,
  md5,
  object,
  optional,
  sha256,
  tableOf,
  text,
  whole,
} from '../signing/checks.ts';
import { askText, askWords, type SelectionAsk } from './ask.ts';
import type { Selected } from './select.ts';

/** Version of its form; others are made anew. */
const SCHEMA = 1;

/** A hundred thousand ids, none beside another, of each kind. */
export const MOST_SELECTION_BYTES = 8 * 1024 ** 2;

/** `selection.json`: what was asked for, of which manifest, and which records that is. */
export interface SelectionFile extends Selected {
  readonly schema: number;
  readonly manifestMd5: Md5;
  /** SHA-256 of what was asked for. */
  readonly asked: string;
  /** SHA-256 of the ids as they stand here. */
  readonly digest: string;
}

const form = object({
  schema: oneOfNumbers(SCHEMA),
  manifestMd5: md5,
  asked: sha256,
  digest: sha256,
  leftOut: optional(sha256),
  ids: idsCheck,
  idsOf: optional(tableOf(idsCheck, taskKinds)),
  records: whole(0, 100_000),
  of: whole(0, 100_000),
  steps: listOf(object({ part: text, left: whole(0, 100_000) }), 20),
});

function oneOfNumbers(only: number) {
  return (value: unknown) => (value === only ? undefined : `version ${only}`);
}

/** Its text. Lists of authors stand in it by their digest alone. */
export function selectionText(
  ask: SelectionAsk,
  asked: string,
  manifestMd5: Md5,
  selected: Selected,
): { readonly text: string; readonly file: SelectionFile } {
  const { authors, idsOf: _, ...plain } = ask;
  const digest = digestOfSelected(selected);
  const file: SelectionFile = { schema: SCHEMA, manifestMd5, asked, digest, ...selected };
  const words = askWords(ask);
  const lists =
    authors === undefined
      ? {}
      : { authors: { entries: authors.length, digest: sha256Of(authors.join('\n')) } };
  const ask_ = { ...(JSON.parse(askText(plain)) as object), ...lists };
  return { text: JSON.stringify({ words, ask: ask_, ...file }), file };
}

/** Of the records: equal digests are equal selections. */
export function digestOfSelected({ ids, idsOf }: Pick<Selected, 'ids' | 'idsOf'>): string {
  return sha256Of(idsOf === undefined ? ids : askText({ idsOf }));
}

/** Undefined where it is none of this version. */
export function parseSelectionFile(from: string): SelectionFile | undefined {
  const value = parsedJson(from);
  return form(value) === undefined ? (keptOf(form, value) as SelectionFile) : undefined;
}
