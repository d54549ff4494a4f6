import { sha256Of } from '../dataset/digest.ts';
import type { Md5 } from '../dataset/ids.ts';
import { fileKinds } from '../kinds.ts';
import { isObject, parsedJson } from '../parsed-json.ts';
import { canonicalJson, type RunRequest } from '../run/request.ts';
import type { SelectedRecords } from '../run/workflow-inputs.ts';
import { keptAsk, problemOfAsk, type SelectionAsk } from '../selection/ask.ts';
import { checkOfRequest } from '../signing/check-input.ts';
import { listOf, md5, object, oneOf, optional, sentenceOf, sha256, whole } from '../signing/checks.ts';
import type { PlanFigures, PlannedKind } from './figures.ts';
import { requestLines } from './plan-text.ts';

/** Version of its form. */
const VERSION = 1;

/** A hundred thousand authors and ids of every second record are far below. */
export const MOST_PLAN_BYTES = 32 * 1024 ** 2;

/** A plan that was saved: what to run, of which manifest, and what was found when it was made. No names of people. */
export interface PlanFile {
  readonly request: RunRequest;
  /** What the request's selection stands for. */
  readonly ask?: SelectionAsk;
  readonly manifestMd5: Md5;
  readonly selected?: SelectedRecords;
  readonly kinds: readonly PlannedKind[];
  readonly neededBytes: number;
  readonly figures: Omit<PlanFigures, 'time'>;
}

const count = whole(0, Number.MAX_SAFE_INTEGER);

const form = object({
  request: checkOfRequest,
  ask: optional(problemOfAsk),
  manifestMd5: md5,
  selected: optional(object({ records: count, of: count, digest: sha256 })),
  kinds: listOf(
    object({ kind: oneOf(fileKinds), files: count, bytes: count, thereFiles: count, thereBytes: count }),
    fileKinds.length,
  ),
  neededBytes: count,
});

/** What the mark of a plan is for. */
export const PLAN_MARK = 'plan 1';

/**
 * As it is saved: with its version and the digest of all of it, which two equal plans share.
 *
 * @param markOf of the digest, by the key of whoever saves it. @default it has none
 */
export function planFileText(plan: PlanFile, markOf?: (digest: string) => string): string {
  const { figures, ...rest } = plan;
  const { inodes, requests, others, copies } = figures;
  const asked = {
    requests,
    ...(others === undefined ? {} : { others }),
    ...(copies === undefined ? {} : { copies }),
  };
  const body = { ffhq: 'plan', version: VERSION, ...rest, inodes, ...asked, says: requestLines(figures) };
  const digest = sha256Of(canonicalJson(body));
  const marked = markOf === undefined ? { digest } : { digest, mark: markOf(digest) };
  return `${JSON.stringify({ ...body, ...marked }, undefined, 1)}\n`;
}

export interface ReadPlan {
  readonly plan: Omit<PlanFile, 'figures'>;
  readonly digest: string;
  /** Empty: it has none. */
  readonly mark: string;
}

/** What a file says, or what is wrong with it; anybody may have written it. */
export function parsePlanFile(text: string): ReadPlan | { readonly problem: string } {
  const value = parsedJson(text);
  if (!isObject(value) || value.ffhq !== 'plan')
    return { problem: 'expected a plan that --plan has saved, got something else' };
  if (value.version !== VERSION)
    return { problem: `expected a plan of version ${VERSION}, got one of another version of this program` };
  if (isNestedDeeper(value, DEEPEST))
    return { problem: 'expected a plan, got what is nested deeper than any' };
  const { digest, mark, ...body } = value;
  if (digest !== sha256Of(canonicalJson(body)))
    return { problem: 'expected it as it was saved, got it changed: its digest is of another text' };
  const problem = form(body);
  if (problem !== undefined) return { problem: sentenceOf('plan', problem) };
  const { request, ask, manifestMd5, selected, kinds, neededBytes } = body as unknown as PlanFile;
  const plan = {
    ...{ request, manifestMd5, kinds, neededBytes },
    ...(ask === undefined ? {} : { ask: keptAsk(ask) }),
    ...(selected === undefined ? {} : { selected }),
  };
  return { plan, digest: digest as string, mark: typeof mark === 'string' ? mark : '' };
}

/** Deeper than any plan goes, and far from where reading it would end the process. */
const DEEPEST = 12;

function isNestedDeeper(value: unknown, than: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return than === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, than - 1));
}
