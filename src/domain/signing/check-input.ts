import { zipKeys } from '../dataset/asked-files.ts';
import { STATE_FOLDER } from '../dataset/layout.ts';
import { fileKinds, isShardKind, taskKinds } from '../kinds.ts';
import { isDriveId } from '../network/drive-file.ts';
import { RequestError } from '../network/request-url.ts';
import { MOST_NOTICE_WAITS, noticeEvents } from '../notices/notice.ts';
import { isObject } from '../parsed-json.ts';
import {
  type Check,
  flag,
  folder,
  ids,
  isText,
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
 * An Activity begins with what was signed for it. What is in it is checked all the same, field by field, where it arrives:
 * a key may be shared by many, and what a workflow passes on came from results that nobody signs.
 */

const path: Check = (value) =>
  isText(value) && value.startsWith('/') && !value.includes('\0') ? undefined : 'an absolute path';
/** As `--align-dir` takes them; a folder of the state is none. */
const alignFolder: Check = (value) =>
  isText(value) && value !== STATE_FOLDER && /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(value)
    ? undefined
    : 'the name of a folder of its own';

/** By the value of its `name`. */
function named(shapes: Readonly<Record<string, Check>>): Check {
  return (value) => {
    const name = isObject(value) && typeof value.name === 'string' ? value.name : '';
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return shape === undefined ? `a name of ${Object.keys(shapes).join(', ')}` : shape(value);
  };
}

const driveId: Check = (value) => (isText(value) && isDriveId(value) ? undefined : 'an id of Drive');

const MOST_BYTES = Number.MAX_SAFE_INTEGER;

const align = object({
  options: object({
    rotateLevel: flag,
    randomShift: number(0, 1_000),
    retryCrops: flag,
    enablePadding: flag,
  }),
  sourceDir: optional(path),
  folder: alignFolder,
  fileIdentical: flag,
  discardOriginals: flag,
});

/** What a run is asked, as its form goes. */
export const checkOfRequest = object({
  kinds: listOf(oneOf(taskKinds), taskKinds.length),
  manifest: named({
    official: object({}),
    other: object({ location: text, md5: optional(md5) }),
    photos: object({ folder: path, landmarks: path }),
  }),
  license: named({ official: object({}), url: object({ url: text }), none: object({}) }),
  source: tableOf(text),
  allowedHosts: listOf(text, 1_000),
  trust: oneOf(['records', 'contents']),
  fetch: oneOf(['missing', 'nothing']),
  numAttempts: whole(1, 1_000),
  accept: optional(oneOf(['pixels'])),
  align: optional(align),
  ids: optional(ids),
  idsOf: optional(tableOf(ids)),
  selection: optional(object({ name: oneOf(['asked', 'held']), digest: sha256, words: text })),
  zips: optional(
    tableOf(
      object({ id: optional(driveId), size: optional(whole(1, MOST_BYTES)), md5: optional(md5) }),
      zipKeys,
    ),
  ),
  bundleFiles: optional(whole(1, 1_000)),
  bundleBytes: optional(whole(0, MOST_BYTES)),
});

const shardKinds = fileKinds.filter(isShardKind);

/** A bundle of a shard, or of the few files that the domain lists. */
const files: Check = (value) => {
  const isShard = isObject(value) && shardKinds.some((kind) => kind === value.kind);
  if (!isShard) return object({ kind: oneOf(fileKinds) })(value);
  return object({ kind: oneOf(shardKinds), folder, ids, manifestMd5: md5, onlyToKnow: optional(flag) })(
    value,
  );
};

const input = object({
  store: object({ path, id: text, exclusions: optional(sha256) }),
  owner: object({
    workflowId: text,
    clusterId: text,
    address: text,
    namespace: text,
    home: optional(text),
  }),
  run: name,
  request: checkOfRequest,
  takeOver: optional(flag),
  deleteArchives: optional(flag),
  kind: optional(oneOf(shardKinds)),
  folder: optional(folder),
  manifestMd5: optional(md5),
  settledIds: optional(ids),
  originalsToCome: optional(flag),
  manifest: optional(
    object({
      md5,
      records: whole(0, 100_000),
      bytes: whole(0, MOST_BYTES),
      selected: optional(object({ records: whole(0, 100_000), of: whole(0, 100_000), digest: sha256 })),
    }),
  ),
  again: optional(md5),
  failure: optional(text),
  files: optional(files),
  file: optional(object({ kind: oneOf(fileKinds), key: name })),
  end: optional(whole(0, MOST_BYTES)),
  findForeign: optional(flag),
  notify: optional(object({ url: text, afterMs: whole(1, MOST_BYTES) })),
  notice: optional(
    object({
      event: oneOf(noticeEvents),
      number: whole(1, 1_000_000),
      at: text,
      files: whole(0, MOST_BYTES),
      doneFiles: whole(0, MOST_BYTES),
      failedFiles: whole(0, MOST_BYTES),
      bytes: whole(0, MOST_BYTES),
      doneBytes: whole(0, MOST_BYTES),
      waits: listOf(object({ reason: text, until: optional(text) }), MOST_NOTICE_WAITS),
    }),
  ),
});

/**
 * Throws a {@link RequestError} that names the field and what was expected; what came is not repeated.
 *
 * @param needed fields that may not be missing, of those that not every Activity is given
 */
export function checkInput(value: unknown, needed: readonly string[] = []): void {
  const problem = input(value) ?? missingOf(value, needed);
  if (problem === undefined) return;
  throw new RequestError(sentenceOf('input', problem));
}

function missingOf(value: unknown, needed: readonly string[]): string | undefined {
  const missing = needed.find((field) => !isObject(value) || value[field] === undefined);
  return missing === undefined ? undefined : `${missing}: a value`;
}
