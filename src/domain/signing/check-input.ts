import { parseIds, parseMd5 } from '../dataset/ids.ts';
import { STATE_FOLDER } from '../dataset/layout.ts';
import { componentsOf } from '../dataset/plain-path.ts';
import { fileKinds, isShardKind, taskKinds } from '../kinds.ts';
import { RequestError } from '../network/request-url.ts';

/*
 * An Activity begins with what was signed for it. What is in it is checked all the same, field by field, where it arrives:
 * a key may be shared by many, and what a workflow passes on came from results that nobody signs. Not for workflows.
 */

/** What is wrong with a value, after "expected"; undefined: nothing. */
type Check = (value: unknown) => string | undefined;

/** Longer texts name nothing that there is. */
const MOST_TEXT = 4_096;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_TEXT;

const text: Check = (value) => (isText(value) ? undefined : `a text of at most ${MOST_TEXT} characters`);
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const md5: Check = (value) => (parseMd5(value) === undefined ? '32 hex digits' : undefined);
const ids: Check = (value) => {
  try {
    if (typeof value === 'string') parseIds(value);
    return typeof value === 'string' ? undefined : 'ids as ranges';
  } catch {
    return 'ids as ranges';
  }
};
const path: Check = (value) =>
  isText(value) && value.startsWith('/') && !value.includes('\0') ? undefined : 'an absolute path';
const name: Check = (value) =>
  isText(value) && componentsOf(value)?.length === 1 ? undefined : 'one plain name';
const folder: Check = (value) => (isText(value) && /^\d{5}$/.test(value) ? undefined : 'five digits');
/** As `--align-dir` takes them; a folder of the state is none. */
const alignFolder: Check = (value) =>
  isText(value) && value !== STATE_FOLDER && /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(value)
    ? undefined
    : 'the name of a folder of its own';

function whole(least: number, most: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? undefined
      : `a whole number from ${least} to ${most}`;
}

function number(least: number, most: number): Check {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most ? undefined : `${least} to ${most}`;
}

function oneOf(choices: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
}

function listOf(check: Check, most: number): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return `a list of at most ${most}`;
    for (const each of value) {
      const problem = check(each);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function tableOf(check: Check): Check {
  return (value) => {
    if (!isObject(value)) return 'an object';
    for (const each of Object.values(value)) {
      const problem = check(each);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Fields that are not named are nobody's, and are not looked at. */
function object(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isObject(value)) return 'an object';
    for (const [field, check] of Object.entries(fields)) {
      const problem = check(value[field]);
      if (problem !== undefined) return `${field}: ${problem}`;
    }
    return undefined;
  };
}

/** By the value of its `name`. */
function named(shapes: Readonly<Record<string, Check>>): Check {
  return (value) => {
    const name = isObject(value) && typeof value.name === 'string' ? value.name : '';
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return shape === undefined ? `a name of ${Object.keys(shapes).join(', ')}` : shape(value);
  };
}

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

const request = object({
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
  align: optional(align),
  ids: optional(ids),
  idsOf: optional(tableOf(ids)),
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
  store: object({ path, id: text }),
  owner: object({
    workflowId: text,
    clusterId: text,
    address: text,
    namespace: text,
    home: optional(text),
  }),
  run: name,
  request,
  takeOver: optional(flag),
  kind: optional(oneOf(shardKinds)),
  folder: optional(folder),
  manifestMd5: optional(md5),
  settledIds: optional(ids),
  originalsToCome: optional(flag),
  manifest: optional(object({ md5, records: whole(0, 100_000), bytes: whole(0, MOST_BYTES) })),
  again: optional(md5),
  failure: optional(text),
  files: optional(files),
  file: optional(object({ kind: oneOf(fileKinds), key: name })),
  end: optional(whole(0, MOST_BYTES)),
  findForeign: optional(flag),
});

/** Throws a {@link RequestError} that names the field and what was expected; what came is not repeated. */
export function checkInput(value: unknown): void {
  const problem = input(value);
  if (problem === undefined) return;
  const at = problem.lastIndexOf(': ');
  const [field, expected] = at === -1 ? ['', problem] : [problem.slice(0, at), problem.slice(at + 2)];
  throw new RequestError(
    `input${field === '' ? '' : ` [${field.replaceAll(': ', '.')}]`}: expected ${expected}, got something else`,
  );
}
