import { type BigIntStats, lstatSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { lstatIfThere, type Seen } from '../store/file-info.ts';

/** A thread gives this much at a time to looks: others of its files have their turn. */
const SLICE_MS = 8;

/** A disk that answers fewer looks than this in a slice is behind a network, and is asked many questions at once. */
const LOCAL_LOOKS = 64;

/** What was seen at many paths, as it travels between threads: a column for each thing, a row for each path. */
export interface SeenColumns {
  /** {@link ABSENT}, {@link FILE}, or anything else that lies there. */
  readonly what: Uint8Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly mtimes: BigInt64Array<ArrayBuffer>;
  readonly births: BigInt64Array<ArrayBuffer>;
}

const ABSENT = 0;
const FILE = 1;
const OTHER = 2;

/**
 * Runs in a thread, which it may hold. A local disk answers sooner than a look takes its way through the thread pool,
 * ten times over, so it is asked directly.
 */
export async function lookAtFiles(paths: readonly string[]): Promise<SeenColumns> {
  const columns: SeenColumns = {
    what: new Uint8Array(paths.length),
    sizes: new Float64Array(paths.length),
    mtimes: new BigInt64Array(paths.length),
    births: new BigInt64Array(paths.length),
  };
  let at = 0;
  while (at < paths.length) {
    const started = performance.now();
    const before = at;
    for (; at < paths.length && performance.now() - started < SLICE_MS; at++)
      note(columns, at, lookSync(paths[at] ?? ''));
    if (at < paths.length && at - before < LOCAL_LOOKS) break;
    if (at < paths.length) await setImmediate();
  }
  for (; at < paths.length; at += LOCAL_LOOKS) {
    const infos = await Promise.all(paths.slice(at, at + LOCAL_LOOKS).map(look));
    for (const [nth, info] of infos.entries()) note(columns, at + nth, info);
  }
  return columns;
}

function lookSync(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return undefinedIfOfOne(error);
  }
}

function look(path: string): Promise<BigIntStats | undefined> {
  return lstatIfThere(path).catch(undefinedIfOfOne);
}

/** One file that cannot be looked at is no reason not to plan the others; whoever settles it will name what is wrong. */
function undefinedIfOfOne(error: unknown): undefined {
  const failure = storeErrorFrom(error, 'looking');
  if (failure?.reason === 'not-mounted' || failure?.reason === 'machine-short') throw error;
}

function note({ what, sizes, mtimes, births }: SeenColumns, at: number, info: BigIntStats | undefined): void {
  if (info === undefined) return;
  what[at] = info.isFile() ? FILE : OTHER;
  sizes[at] = Number(info.size);
  mtimes[at] = info.mtimeNs;
  births[at] = info.birthtimeNs;
}

export function rowsOf({ what, sizes, mtimes, births }: SeenColumns): (Seen | undefined)[] {
  const rows: (Seen | undefined)[] = [];
  for (let at = 0; at < what.length; at++) {
    rows.push(
      what[at] === ABSENT
        ? undefined
        : {
            isFile: what[at] === FILE,
            size: sizes[at] ?? 0,
            mtime: String(mtimes[at]),
            born: String(births[at]),
          },
    );
  }
  return rows;
}
