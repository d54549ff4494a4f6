import { failureReasons } from '../failure/reasons.ts';
import { gateKeys } from '../failure/source-gate.ts';
import { fileKinds, isShardKind, taskKinds } from '../kinds.ts';
import { FIRST_KEYS, type Tally } from '../run/progress.ts';
import { HOUR } from '../run/time-units.ts';
import type { QuotaWait } from '../run/workflow-inputs.ts';
import { MOST_GROUPS } from '../waits/waiting-files.ts';
import { gateResults, gateSignalArgs } from './check-gate.ts';
import {
  type Check,
  cut,
  flag,
  folder,
  ids,
  keptOf,
  listOf,
  md5,
  name,
  number,
  object,
  oneOf,
  optional,
  sentenceOf,
  sha256,
  tableOf,
  text,
  whole,
} from './checks.ts';

/*
 * Who reaches the server may poll our Task Queues and answer for our workers, or send Signals: nobody signs most of those. A
 * workflow takes only what it can go on with, because an error of its own would be tried again for ever; and only the
 * fields that are looked at here, because others would be passed on, signed, to whatever reads them.
 */

/** More files and bytes than any run has; their sums stay whole numbers. */
const files = whole(0, 1_000_000_000);
const bytes = whole(0, 2 ** 50);
const MOST_BUNDLES = 1_000;
const MOST_FOLDERS = 100;
/** Longer keys are of photographs, and are told by their beginning. */
const MOST_KEY = 256;
/** No wait is longer; between a child that said it and now there may have been a pause. */
const LONGEST_WAIT = 60 * 24 * HOUR;

const shardKinds = fileKinds.filter(isShardKind);
const swept = object({ files, bytes });

const tallyFields: Readonly<Record<keyof Tally, Check>> = {
  files,
  bytes,
  doneFiles: files,
  doneBytes: bytes,
  fetchedFiles: files,
  fetchedBytes: bytes,
  identicalFiles: optional(files),
  acceptedFiles: optional(files),
  swept: optional(swept),
  sources: optional(tableOf(object({ files, bytes }))),
  failedFiles: files,
  deferredFiles: files,
  failures: tableOf(object({ count: files, first: listOf(cut(MOST_KEY), FIRST_KEYS) }), failureReasons),
};
const tally = object(tallyFields);

const shard = {
  kind: oneOf(shardKinds),
  folder,
  files,
  bytes,
  doneFiles: files,
  doneBytes: bytes,
  identicalFiles: optional(files),
  acceptedFiles: optional(files),
  holdsOriginals: optional(flag),
};
const largeFile = object({ kind: oneOf(fileKinds), key: name, path: text, size: bytes });
const bundles = listOf(object({ ids, files, bytes }), MOST_BUNDLES);
const manifest = object({ md5, records: whole(0, 100_000), bytes });

const anyNumber = number(-Number.MAX_VALUE, Number.MAX_VALUE);
/** Of `now`, the workflow's clock. What is taken is bounded once more where it is waited for. */
const quotaWait = (now: number): Readonly<Record<keyof QuotaWait, Check>> => ({
  until: number(0, now + LONGEST_WAIT),
  since: number(0, now + LONGEST_WAIT),
  times: whole(1, 1_000_000),
  reason: oneOf(failureReasons),
});

const settled = {
  tally,
  failedIds: ids,
  // The time may have come while the rest of the bundle was brought; who waits does so within bounds of its own.
  deferred: optional(
    object({
      ids,
      reason: oneOf(failureReasons),
      waitMs: anyNumber,
      firstMs: anyNumber,
      baseMs: anyNumber,
    }),
  ),
  noRoom: optional(flag),
  gate: optional(oneOf(gateKeys)),
  interrupted: flag,
};

/** Results that nobody reads. */
const nothing: Check = Object.assign(() => undefined, { kept: () => undefined });

/** By the type of the Activity or of the child Workflow; of `now`, the workflow's clock. */
const results = (now: number): Readonly<Record<string, Check>> => ({
  claimStore: nothing,
  planCrops: nothing,
  releaseStore: nothing,
  sendNotice: nothing,
  loadManifest: manifest,
  planPhotos: manifest,
  selectRecords: object({ records: whole(0, 100_000), of: whole(0, 100_000), digest: sha256 }),
  planRun: object({
    shards: listOf(object(shard), MOST_FOLDERS * shardKinds.length),
    kinds: tableOf(tally, fileKinds),
    largeFiles: listOf(largeFile, 100),
  }),
  planShard: object({
    files,
    bytes,
    doneFiles: files,
    doneBytes: bytes,
    identicalFiles: optional(files),
    acceptedFiles: optional(files),
    waitingFiles: optional(files),
    swept: optional(swept),
    bundles,
    lookFirst: optional(bundles),
  }),
  fetchBundle: object(settled),
  alignBundle: object(settled),
  fetchRange: object({ ...settled, size: bytes, failure: optional(text) }),
  writeReport: object({
    status: oneOf(['complete', 'complete with failures']),
    foreignFiles: files,
    excluded: optional(files),
  }),
  planPurge: object({ records: whole(0, 100_000), folders: listOf(folder, MOST_FOLDERS) }),
  purgeFolder: object({ files, bytes }),
  finishPurge: object({ files, bytes, left: files }),
  processShard: object({
    carried: object({
      tally,
      settledIds: ids,
      signalsSent: files,
      waiting: optional(listOf(object({ ids, ...quotaWait(now) }), MOST_GROUPS)),
    }),
    noRoom: optional(flag),
    manifestLost: optional(flag),
  }),
  fetchLargeFile: object({
    tally,
    failure: optional(text),
    handedOver: optional(flag),
    waiting: optional(object(quotaWait(now))),
  }),
  ...gateResults,
});

const question = whole(1, 1_000_000);

/** By the Signal's name, what it is sent with. */
const signals: Readonly<Record<string, Check>> = {
  setPaused: flag,
  handOver: nothing,
  retryNow: object({ question }),
  waitsEnded: object({
    child: text,
    question,
    ended: whole(0, 1_000),
    asked: optional(flag),
    kept: optional(flag),
  }),
  ...gateSignalArgs,
  shardProgress: object({ kind: oneOf(taskKinds), name: text, tally }),
};

/** What is taken of a result or a Signal, or why nothing is. */
export type Taken = { readonly value: unknown } | { readonly refusal: string };

/**
 * Of a result that a worker of this version may give: the fields that this version knows.
 *
 * @param now the workflow's clock (ms since the epoch)
 */
export function takenOfResult(type: string, value: unknown, now: number): Taken {
  return taken(results(now), type, value, `result [type=${type}]`);
}

/** The same of a Signal. */
export function takenOfSignal(signal: string, value: unknown): Taken {
  return taken(signals, signal, value, `signal [name=${signal}]`);
}

/** What comes under any other name nobody hears. */
function taken(checks: Readonly<Record<string, Check>>, name: string, value: unknown, what: string): Taken {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  const problem = check?.(value);
  if (problem !== undefined) return { refusal: sentenceOf(what, problem) };
  return { value: check === undefined ? undefined : keptOf(check, value) };
}
