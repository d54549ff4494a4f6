/*
 * Names of unfinished files. They lie beside their target:
 *
 *   00042.png.<writer>.ffhq-part   one attempt owns it and is (or was) writing
 *   00042.png.ffhq-part            its attempt ended in good order; anybody may take it
 *
 * `.unsure` before the suffix, of both: it was taken over once from a writer who may only have slept, so that it can still
 * be written to by somebody else. It keeps that for good.
 *
 * A file system gives a name 255 bytes. Where a target's own name leaves too little room for the rest, `~<digest>` stands
 * in its place; it is found again by asking for the target, never the other way round. (Not for workflows: it hashes.)
 */

import { md5Of } from './digest.ts';
import { PARTIAL_SUFFIX as SUFFIX } from './layout.ts';

const NAME_BYTES = 255;

const UNSURE = '.unsure';

/** The name under which whoever goes on finds what nobody writes to now, and takes it by rename. */
export function releasedPartial(target: string, isSure = true): string {
  const rest = `${isSure ? '' : UNSURE}${SUFFIX}`;
  const name = `${target}${rest}`;
  return fits(name) ? name : `${digestOf(target)}${rest}`;
}

/** Both names that {@link releasedPartial} gives. */
export function releasedPartials(target: string): readonly string[] {
  return [releasedPartial(target), releasedPartial(target, false)];
}

/** The name of what `writer` owns. */
export function ownedPartial(target: string, writer: string, isSure = true): string {
  const rest = `.${writer}${isSure ? '' : UNSURE}${SUFFIX}`;
  const name = `${target}${rest}`;
  return fits(name) ? name : `${digestOf(target)}${rest}`;
}

export interface PartialName {
  readonly target: string;
  /** Undefined: it is released. */
  readonly writer: string | undefined;
  /** Of all who ever wrote to it, each was known to be gone when the next began. */
  readonly isSure: boolean;
}

/** What a name in a data folder is, as far as partial files go. `target`: one of its {@link partialKeys}. */
export function parsePartialName(name: string): PartialName | undefined {
  if (!name.endsWith(SUFFIX)) return undefined;
  const whole = name.slice(0, -SUFFIX.length);
  const isSure = !whole.endsWith(UNSURE);
  const stem = isSure ? whole : whole.slice(0, -UNSURE.length);
  const owned = /^(.+)\.(w\d+(?:-[0-9a-z]+){2,})$/s.exec(stem);
  if (owned?.[1] && owned[2]) return { target: owned[1], writer: owned[2], isSure };
  return { target: stem, writer: undefined, isSure };
}

/** How a target's partial files may name it: in full, or where that might not fit, by digest too. */
export function partialKeys(target: string): readonly string[] {
  return target.length < SURELY_SHORT ? [target] : [target, digestOf(target)];
}

/** Characters of a name, of at most 3 bytes each, beside which any writer has room. */
const SURELY_SHORT = 50;

function fits(name: string): boolean {
  return Buffer.byteLength(name) <= NAME_BYTES;
}

function digestOf(target: string): string {
  return `~${md5Of(Buffer.from(target)).slice(0, 24)}`;
}
