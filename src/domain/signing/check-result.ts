import { fileKinds, isShardKind, taskKinds } from '../kinds.ts';
import type { Tally } from '../run/progress.ts';
import {
  type Check,
  flag,
  folder,
  ids,
  listOf,
  md5,
  name,
  number,
  object,
  oneOf,
  optional,
  sentenceOf,
  tableOf,
  text,
  whole,
} from './checks.ts';

/*
 * Who reaches the server may poll our Task Queues and answer for our workers, or send Signals: nobody signs those. A
 * workflow takes only what it can go on with, because an error of its own would be tried again for ever.
 */

/** More files and bytes than any run has; their sums stay whole numbers. */
const files = whole(0, 1_000_000_000);
const bytes = whole(0, 2 ** 50);
const MOST_BUNDLES = 1_000;
const MOST_FOLDERS = 100;

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
  swept: optional(swept),
  failedFiles: files,
  deferredFiles: files,
  failures: tableOf(object({ count: files, first: listOf(text, 10) })),
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
  holdsOriginals: optional(flag),
};
const largeFile = object({ kind: oneOf(fileKinds), key: name, path: text, size: bytes });
const bundles = listOf(object({ ids, files, bytes }), MOST_BUNDLES);
const manifest = object({ md5, records: whole(0, 100_000), bytes });

const settled = {
  tally,
  failedIds: ids,
  deferred: optional(object({ ids, reason: text, waitMs: number(0, Number.MAX_VALUE) })),
  noRoom: optional(flag),
  interrupted: flag,
};

/** By the type of the Activity or of the child Workflow. */
const results: Readonly<Record<string, Check>> = {
  loadManifest: manifest,
  planPhotos: manifest,
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
    waitingFiles: optional(files),
    swept: optional(swept),
    bundles,
    lookFirst: optional(bundles),
  }),
  fetchBundle: object(settled),
  alignBundle: object(settled),
  fetchRange: object({ ...settled, size: bytes, failure: optional(text) }),
  writeReport: object({ status: oneOf(['complete', 'complete with failures']), foreignFiles: files }),
  processShard: object({
    carried: object({
      tally,
      settledIds: ids,
      signalsSent: files,
      // Until the last moment that a date has.
      deferred: optional(object({ ids, until: number(0, 8.64e15), reason: text })),
    }),
    noRoom: optional(flag),
    manifestLost: optional(flag),
  }),
  fetchLargeFile: object({ tally, failure: optional(text), handedOver: optional(flag) }),
};

/** By the Signal's name, what it is sent with. */
const signals: Readonly<Record<string, Check>> = {
  setPaused: flag,
  shardProgress: object({ kind: oneOf(taskKinds), name: text, tally }),
};

/** Why a result is not taken; undefined: it is one that a worker of this version may give. */
export function refusalOfResult(type: string, value: unknown): string | undefined {
  const problem = Object.hasOwn(results, type) ? results[type]?.(value) : undefined;
  return problem === undefined ? undefined : sentenceOf(`result [type=${type}]`, problem);
}

/** The same of a Signal; what a Signal of another name says nobody hears. */
export function refusalOfSignal(signal: string, value: unknown): string | undefined {
  const problem = Object.hasOwn(signals, signal) ? signals[signal]?.(value) : undefined;
  return problem === undefined ? undefined : sentenceOf(`signal [name=${signal}]`, problem);
}
