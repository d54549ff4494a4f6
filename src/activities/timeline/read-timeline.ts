import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunId, statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { pointOf, type TimelinePoint } from '../../domain/timeline/timeline-point.ts';
import { atFile, inFolderAt, pathIn } from '../folders/held-folder.ts';
import { isMisleading, readText } from '../folders/real-file.ts';

/** Of one file, and of all: more than this program ever writes for a run. */
const MOST_BYTES = 1024 ** 2;
const MOST_FILES = 1_000;
const MOST_OF_ALL = 4 * MOST_BYTES;

interface TimelineFile {
  readonly path: string;
  /** Name of the process that wrote it. */
  readonly writer: string;
  readonly size: number;
}

/** What all workers noted of a run, in order; empty where there is nothing. The folder may be anybody's. */
export async function readTimeline(storePath: string, run: string): Promise<readonly TimelinePoint[]> {
  if (!isRunId(run)) return [];
  const points: TimelinePoint[] = [];
  let bytes = 0;
  for (const { path, size } of await timelineFiles(pathIn(storePath, statePaths.timeline(run)))) {
    bytes += size;
    if (bytes > MOST_OF_ALL) break;
    for (const point of await pointsIn(path)) points.push(point);
  }
  return points.sort((one, other) => one.at - other.at);
}

/** The run of which something was noted last; undefined where there is none. */
export async function latestTimeline(storePath: string): Promise<string | undefined> {
  const root = pathIn(storePath, statePaths.allTimelines);
  let latest: { readonly run: string; readonly at: number } | undefined;
  for (const run of await namesIn(root)) {
    if (!isRunId(run)) continue;
    const at = await atFile(join(root, run), async (path) => (await lstat(path)).mtimeMs);
    if (latest === undefined || at > latest.at) latest = { run, at };
  }
  return latest?.run;
}

/** Files of a run, one of each writer. */
export async function timelineFiles(folder: string): Promise<readonly TimelineFile[]> {
  const names = (await namesIn(folder)).filter((name) => /^[\w-]+\.jsonl$/.test(name)).sort();
  const files: TimelineFile[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    const path = join(folder, name);
    try {
      const info = await atFile(path, (file) => lstat(file));
      if (info.isFile() && info.size <= MOST_BYTES)
        files.push({ path, writer: name.slice(0, -'.jsonl'.length), size: info.size });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  return files;
}

/** Lines that are torn, or none of ours, are passed over. */
export async function pointsIn(path: string): Promise<readonly TimelinePoint[]> {
  let text: string;
  try {
    text = await atFile(path, (file) => readText(file, MOST_BYTES));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || isMisleading(error)) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const point = line === '' ? undefined : pointOf(parsedJson(line));
    return point === undefined ? [] : [point];
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await inFolderAt(folder, (held) => readdir(held));
  } catch (error) {
    // A link in its place leads to nothing of ours.
    if (error instanceof StoreError || ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}
