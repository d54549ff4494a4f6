/*
 * Names of unfinished files. They lie beside their target:
 *
 *   00042.png.<writer>.ffhq-part   one attempt owns it and is (or was) writing
 *   00042.png.ffhq-part            its attempt ended in good order; anybody may take it
 *
 * A file system gives a name 255 bytes. Where a target's own name leaves too little room for the rest, `~<digest>` stands
 * in its place; it is found again by asking for the target, never the other way round. (Not for workflows: it hashes.)
 */

import { md5Of } from './digest.ts';
import { PARTIAL_SUFFIX as SUFFIX } from './layout.ts';

const NAME_BYTES = 255;

/** The name under which whoever goes on finds what nobody writes to now, and takes it by rename. */
export function releasedPartial(target: string): string {
  const name = `${target}${SUFFIX}`;
  return fits(name) ? name : `${digestOf(target)}${SUFFIX}`;
}

/** The name of what `writer` owns. */
export function ownedPartial(target: string, writer: string): string {
  const name = `${target}.${writer}${SUFFIX}`;
  return fits(name) ? name : `${digestOf(target)}.${writer}${SUFFIX}`;
}

/** What a name in a data folder is, as far as partial files go. `target`: one of its {@link partialKeys}. */
export function parsePartialName(
  name: string,
): { readonly target: string; readonly writer: string | undefined } | undefined {
  if (!name.endsWith(SUFFIX)) return undefined;
  const stem = name.slice(0, -SUFFIX.length);
  const owned = /^(.+)\.(w\d+(?:-[0-9a-z]+){2,})$/s.exec(stem);
  if (owned?.[1] && owned[2]) return { target: owned[1], writer: owned[2] };
  return { target: stem, writer: undefined };
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
