import type { ImageId, Md5 } from '../dataset/ids.ts';
import { MAX_IMAGE_ID } from '../dataset/ids.ts';
import { imageKinds } from '../kinds.ts';
import { isObject, parsedJson } from '../parsed-json.ts';
import {
  type Check,
  isoTime,
  keptOf,
  md5,
  object,
  optional,
  sha256,
  tableOf,
  text,
  whole,
} from '../signing/checks.ts';

/*
 * The ledger: what was let go, when and why, told by digests. Whoever has the published record can see that it is this one;
 * nobody learns from the ledger whose picture it was.
 */

/** A record that went. */
export interface RemovedLine {
  readonly what: 'record';
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
  /** MD5 of the published manifest. */
  readonly manifest: Md5;
  readonly id: ImageId;
  /** SHA-256 of the record's text in the manifest, as it stood there. */
  readonly record: string;
  /** By kind, SHA-256 of the MD5 (32 hex digits) of the file that went. */
  readonly files: Readonly<Record<string, string>>;
}

/** A text of a manifest in which records are let go: it counts as the published one. */
export interface TextLine {
  readonly what: 'manifest';
  readonly at: string;
  readonly manifest: Md5;
  /** MD5 of the text. */
  readonly text: Md5;
  readonly size: number;
  /** How many records are let go in it. */
  readonly records: number;
}

export type LedgerLine = RemovedLine | TextLine;

const record = object({
  what: (value) => (value === 'record' ? undefined : 'record'),
  at: isoTime,
  reason: optional(text),
  manifest: md5,
  id: whole(0, MAX_IMAGE_ID),
  record: sha256,
  files: tableOf(sha256, imageKinds),
});
const manifest = object({
  what: (value) => (value === 'manifest' ? undefined : 'manifest'),
  at: isoTime,
  manifest: md5,
  text: md5,
  size: whole(0, Number.MAX_SAFE_INTEGER),
  records: whole(0, MAX_IMAGE_ID + 1),
});

/** Undefined of a line that is none. */
export function parseLedgerLine(line: string): LedgerLine | undefined {
  const value = parsedJson(line);
  const check: Check = isObject(value) && value.what === 'record' ? record : manifest;
  return check(value) === undefined ? (keptOf(check, value) as LedgerLine) : undefined;
}

/** What a ledger says. */
export class Ledger {
  readonly lines: readonly LedgerLine[];

  constructor(lines: readonly LedgerLine[]) {
    this.lines = lines;
  }

  /** The published manifest that a text counts as; itself where the ledger does not name it. */
  publishedOf(text: Md5): Md5 {
    return this.#texts.find((line) => line.text === text)?.manifest ?? text;
  }

  /** The latest text in which records of a published manifest are let go. */
  textOf(published: Md5): TextLine | undefined {
    return this.#texts.findLast((line) => line.manifest === published);
  }

  /** Records of a published manifest that went, or are going. */
  removedOf(published: Md5): ReadonlySet<ImageId> {
    return new Set(this.removed.filter((line) => line.manifest === published).map(({ id }) => id));
  }

  get removed(): readonly RemovedLine[] {
    return this.lines.filter((line) => line.what === 'record');
  }

  get #texts(): readonly TextLine[] {
    return this.lines.filter((line) => line.what === 'manifest');
  }
}
