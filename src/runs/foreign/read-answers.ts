/**
 * Who reaches the server may answer under a run's name, with anything. What has not the shape that this version knows is
 * no answer; the texts inside stay other people's, and are quoted where they are shown.
 */

import { fileKinds } from '../../domain/kinds.ts';
import { slownessKinds } from '../../domain/limits/slowdown.ts';
import { isObject } from '../../domain/parsed-json.ts';
import {
  type ActivityProgress,
  type ChildProgress,
  type RunProgress,
  type SelectionProgress,
  stages,
  type Tally,
  type Wait,
} from '../../domain/run/progress.ts';
import type { RunResult } from '../../domain/run/workflow-inputs.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => Number.isFinite(value);
const oneOf =
  (known: readonly string[]): Check =>
  (value) =>
    known.some((one) => one === value);
const orNothing =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (check: Check, isKey: Check = isText): Check =>
  (value) =>
    isObject(value) && Object.entries(value).every(([key, member]) => isKey(key) && check(member));
const shaped =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(members).every(([name, check]) => check(value[name]));

/** As many checks as the type has members: a new one is forgotten in neither. */
function shapeOf<Shape>(members: { readonly [Name in keyof Required<Shape>]: Check }): Check {
  return shaped(members);
}

const isTally = shapeOf<Tally>({
  files: isNumber,
  bytes: isNumber,
  doneFiles: isNumber,
  doneBytes: isNumber,
  fetchedFiles: isNumber,
  fetchedBytes: isNumber,
  identicalFiles: orNothing(isNumber),
  acceptedFiles: orNothing(isNumber),
  swept: orNothing(shaped({ files: isNumber, bytes: isNumber })),
  sources: orNothing(mapOf(shaped({ files: isNumber, bytes: isNumber }))),
  failedFiles: isNumber,
  deferredFiles: isNumber,
  failures: mapOf(shaped({ count: isNumber, first: listOf(isText) })),
});

const areWaits = listOf(
  shapeOf<Wait>({
    what: isText,
    reason: isText,
    until: orNothing(isText),
    since: orNothing(isText),
    times: orNothing(isNumber),
  }),
);

const isRunProgress = shapeOf<RunProgress>({
  stage: oneOf(stages),
  paused: isFlag,
  at: isText,
  kinds: mapOf(isTally, oneOf(fileKinds)),
  waits: areWaits,
  children: listOf(isText),
  counted: orNothing(mapOf(isTally)),
  selection: orNothing(
    shapeOf<SelectionProgress>({ words: isText, records: orNothing(isNumber), of: orNothing(isNumber) }),
  ),
});

const isChildProgress = shapeOf<ChildProgress>({
  kind: oneOf(fileKinds),
  name: isText,
  paused: isFlag,
  at: isText,
  tally: isTally,
  waits: areWaits,
});

const isActivityProgress = shapeOf<ActivityProgress>({
  files: isNumber,
  filesDone: isNumber,
  bytes: isNumber,
  bytesDone: isNumber,
  failed: isNumber,
  current: listOf(isText),
  attempts: mapOf(isNumber),
  note: orNothing(isText),
  slow: orNothing(mapOf(isNumber, oneOf(slownessKinds))),
  sources: orNothing(listOf(shaped({ host: isText, inFlight: isNumber, most: isNumber }))),
  waiting: orNothing(listOf(shaped({ source: isText, reason: isText, until: orNothing(isNumber) }))),
});

const isRunResult = shapeOf<RunResult>({
  status: oneOf(['complete', 'complete with failures']),
  progress: isRunProgress,
  records: isNumber,
  report: isText,
  foreignFiles: isNumber,
  excluded: orNothing(isNumber),
});

/** An answer of the run's `progress` Query. */
export function readRunProgress(answer: unknown): RunProgress | undefined {
  return isRunProgress(answer) ? (answer as RunProgress) : undefined;
}

/** An answer of a child's `childProgress` Query. */
export function readChildProgress(answer: unknown): ChildProgress | undefined {
  return isChildProgress(answer) ? (answer as ChildProgress) : undefined;
}

/** Heartbeat details of a pending Activity. */
export function readActivityProgress(details: unknown): ActivityProgress | undefined {
  return isActivityProgress(details) ? (details as ActivityProgress) : undefined;
}

/** What became of each kind, as a report in a folder has it. */
export function readTallies(kinds: unknown): RunProgress['kinds'] | undefined {
  return mapOf(isTally, oneOf(fileKinds))(kinds) ? (kinds as RunProgress['kinds']) : undefined;
}

/** The result of a closed run. */
export function readRunResult(result: unknown): RunResult | undefined {
  return isRunResult(result) ? (result as RunResult) : undefined;
}
