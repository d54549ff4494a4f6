import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseIds } from '../../../src/domain/dataset/ids.ts';
import { MANIFEST_FILE, statePaths } from '../../../src/domain/dataset/layout.ts';
import { parsePartialName } from '../../../src/domain/dataset/partial-name.ts';
import type { ShardPlan } from '../../../src/domain/run/activity-inputs.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { ShardRef } from '../../../src/domain/run/workflow-inputs.ts';
import type { Sample } from '../../../src/sample/folder/sample.ts';
import { md5Of, parentOf, readTree, type Tree } from '../disk/tree.ts';
import { pathOf, shardsOf, type WantedFile } from './wanted.ts';

/** What must hold of every state, however it came about. */
export const laws = {
  counted: 'nothing that is wrong counts as done',
  complete: 'a run that says complete has left every file right',
  hand: 'no state needs a hand',
  fetched: 'what was verified and is there is not fetched again',
  litter: 'nothing unfinished is left over',
} as const;
export type Law = keyof typeof laws;

export interface Violation {
  readonly law: Law;
  readonly detail: string;
}

/** What one state is held against. */
export interface Case {
  readonly sample: Sample;
  readonly request: RunRequest;
  readonly wanted: ReadonlyMap<string, WantedFile>;
  /** The disk as the cut left it. */
  readonly before: Tree;
}

/** Files of a shard that planning did not plan, and that are wrong or not there. */
export function countedWrong(
  { sample, request, wanted }: Case,
  out: string,
  shard: ShardRef,
  plan: Pick<ShardPlan, 'bundles'>,
): Violation[] {
  const unfinished = new Set(plan.bundles.flatMap(({ ids }) => parseIds(ids)));
  const all = shardsOf(sample, request).find(
    ({ kind, folder }) => kind === shard.kind && folder === shard.folder,
  );
  const done = (all?.ids ?? []).filter((id) => !unfinished.has(id));
  return done
    .map((id) => pathOf(shard.kind, id, sample, request))
    .filter((path) => !isSettled(path, wanted, (one) => md5Under(join(out, one))))
    .map((path) => ({ law: 'counted', detail: `${path}: ${md5Under(join(out, path)) ?? 'not there'}` }));
}

/** Files that are not as they should be when a run has said that it is complete. */
export function wrongAtTheEnd({ wanted }: Case, out: string): Violation[] {
  return [...wanted.keys()]
    .filter((path) => !isSettled(path, wanted, (one) => md5Under(join(out, one))))
    .map((path) => ({ law: 'complete', detail: `${path}: ${md5Under(join(out, path)) ?? 'not there'}` }));
}

/** `fetched`: paths whose bytes were asked for, as often as they were. */
export function fetchedInVain({ wanted, before, request }: Case, fetched: readonly string[]): Violation[] {
  const violations: Violation[] = [];
  for (const path of new Set(fetched)) {
    if (isLicence(path)) continue;
    const file = wanted.get(path);
    const why = file && whyNotFetch(path, file, before);
    if (why !== undefined) violations.push({ law: 'fetched', detail: `${path}: ${why}` });
  }
  // They share a URL, and have no digest but the noted one: without a note they are fetched again.
  const licences = [...wanted.keys()].filter(isLicence);
  const noted = licences.filter(
    (path) => md5In(before, path) === wanted.get(path)?.md5 && isNoted(before, path),
  );
  const count = fetched.filter(isLicence).length;
  if (request.trust === 'records' && count > licences.length - noted.length)
    violations.push({ law: 'fetched', detail: `licences: ${count} times, of ${noted.length} noted` });
  return violations;
}

/** What a power cut and the run after it have left beside the files. */
export function litterIn(out: string): Violation[] {
  const isLitter = (path: string) =>
    /\.(new|copy)$|\/new-[0-9a-f]{12}$|store\.json\.[0-9a-f]+$/.test(path) ||
    path === statePaths.incomingManifest ||
    parsePartialName(basename(path)) !== undefined;
  return [...readTree(out).keys()].filter(isLitter).map((path) => ({ law: 'litter', detail: path }));
}

function whyNotFetch(path: string, { md5 }: WantedFile, before: Tree): string | undefined {
  const places = path === MANIFEST_FILE ? [path, statePaths.incomingManifest] : [path];
  const right = places.find((place) => md5In(before, place) === md5);
  if (right !== undefined) return `was right in its place${right === path ? '' : ` (${right})`}`;
  for (const [other, file] of before) {
    const target = places.find(
      (place) =>
        parentOf(other) === parentOf(place) && parsePartialName(basename(other))?.target === basename(place),
    );
    if (target !== undefined && file?.md5 === md5) return `lay there whole as ${basename(other)}`;
  }
  return undefined;
}

/** Originals whose pictures are right: fetching one of them is in vain. */
export function fetchedForNothing({ sample, wanted, before }: Case, fetched: readonly string[]): Violation[] {
  const images = new Map([...sample.files.values()].map(({ filePath, md5 }) => [filePath, md5]));
  return [...new Set(fetched)].flatMap((path) => {
    const picture = wanted.get(path)?.mayBeGoneFor;
    const expected = picture === undefined ? undefined : wanted.get(picture)?.md5;
    if (picture === undefined || expected === undefined || !images.has(path)) return [];
    if (md5In(before, picture) !== expected) return [];
    return [{ law: 'fetched' as const, detail: `${path}: an original, whose picture ${picture} was right` }];
  });
}

function isSettled(
  path: string,
  wanted: ReadonlyMap<string, WantedFile>,
  md5At: (path: string) => string | undefined,
): boolean {
  const file = wanted.get(path);
  if (file === undefined) return false;
  const md5 = md5At(path);
  if (md5 === file.md5) return true;
  const picture = file.mayBeGoneFor;
  return md5 === undefined && picture !== undefined && md5At(picture) === wanted.get(picture)?.md5;
}

function md5Under(place: string): string | undefined {
  try {
    return md5Of(readFileSync(place));
  } catch {
    return undefined;
  }
}

function md5In(tree: Tree, path: string): string | undefined {
  return tree.get(path)?.md5;
}

function isLicence(path: string): boolean {
  return basename(path) === 'LICENSE.txt';
}

/** A line that a power cut has torn says nothing. */
function isNoted(tree: Tree, path: string): boolean {
  const folder = statePaths.verified('licenses', 'files');
  const logs = [...tree].filter(([name]) => name.startsWith(`${folder}/`));
  const lines = logs.flatMap(([, file]) => file?.bytes.toString('utf8').split('\n') ?? []);
  return lines.some((line) => line.startsWith(`{"file":"${path}"`) && line.endsWith('}'));
}
