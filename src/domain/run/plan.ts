/** How a shard's unfinished files become bundles; pure arithmetic. */

import type { ImageId, Md5 } from '../dataset/ids.ts';
import { formatIds } from '../dataset/ids.ts';
import { type ShardKind, shardRow, windows } from '../kinds.ts';
import type { Bundle } from './activity-inputs.ts';
import type { RunRequest } from './request.ts';

const MIB = 1024 ** 2;

/** The kind's bundle bounds, with the request's overrides. */
export function boundsFor(
  kind: ShardKind,
  request: Pick<RunRequest, 'bundleFiles' | 'bundleBytes'>,
): { readonly files: number; readonly bytes: number } {
  const { files, bytes } = shardRow(kind).bundle;
  return { files: request.bundleFiles ?? files, bytes: request.bundleBytes ?? bytes };
}

/** A file of a bundle; `md5`: of its bytes, where others with the same may be copied of it. */
export interface BundledFile {
  readonly id: ImageId;
  readonly size: number;
  readonly md5?: Md5;
}

/**
 * Every bundle holds at least one file, so a file above the byte bound is a bundle of its own. Files with the same bytes come
 * into one bundle, as far as it has room: it is in the hands of one process, which fetches the first and copies the others.
 */
export function cutIntoBundles(
  files: readonly BundledFile[],
  bounds: { readonly files: number; readonly bytes: number },
): Bundle[] {
  const bundles: Bundle[] = [];
  let ids: ImageId[] = [];
  let bytes = 0;
  const close = () => {
    if (ids.length > 0) bundles.push({ ids: formatIds(ids.sort((a, b) => a - b)), files: ids.length, bytes });
    ids = [];
    bytes = 0;
  };
  const isFull = (count: number, size: number) =>
    ids.length > 0 && (ids.length + count > bounds.files || bytes + size > bounds.bytes);
  for (const same of bySameBytes(files)) {
    // Where they fit into no bundle together they go as they come.
    const size = same.reduce((sum, file) => sum + file.size, 0);
    if (same.length <= bounds.files && size <= bounds.bytes && isFull(same.length, size)) close();
    for (const file of same) {
      if (isFull(1, file.size)) close();
      ids.push(file.id);
      bytes += file.size;
    }
  }
  close();
  return bundles;
}

/** In the order of the first of each. */
function bySameBytes(files: readonly BundledFile[]): readonly (readonly BundledFile[])[] {
  const groups = new Map<string, BundledFile[]>();
  for (const file of files) {
    const name = file.md5 ?? `id ${file.id}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

/** With `--discard-originals`: folders whose originals may lie on the disk at a time, fetched or being fetched. */
export const ORIGINALS_AHEAD = 4;

/** Files that the lanes of all shards together should hold, so that two or three workers find enough: 2 x 32 threads. */
const FILES_AHEAD = 64;

/** Bundles of one shard in flight at a time. */
export function lanesFor(bundles: readonly Bundle[], kind: ShardKind): number {
  if (bundles.length === 0) return 1;
  const { lanes, window } = shardRow(kind);
  if (lanes !== 'by-files') return Math.min(bundles.length, lanes);
  const filesPerBundle = bundles.reduce((sum, bundle) => sum + bundle.files, 0) / bundles.length;
  const share = FILES_AHEAD / (filesPerBundle * windows[window]);
  return Math.min(bundles.length, 16, Math.max(2, Math.ceil(share)));
}

/** Events of a history after which a shard or a run drains and continues as new; below the 3,000 that we promise. */
export const CONTINUE_AS_NEW_EVENTS = 2_800;

/** More would cost the server more than a thousand-folder of thumbnails costs to fetch. */
const MOST_SIGNALS = 2;

/**
 * Progress signals a shard may send. In the parent a child costs at most 9 events (initiated, started, closed, and a
 * Workflow Task of 3 for each of the last two) and a signal 4: 140 shards afford two signals each, 210 one, and beside
 * all large files none, so that the whole dataset ends in one history.
 */
export function signalsPerShard(shards: number, largeFiles: number): number {
  const eventsPerShard = (CONTINUE_AS_NEW_EVENTS - 50 - 9 * largeFiles) / Math.max(1, shards);
  return Math.max(0, Math.min(MOST_SIGNALS, Math.floor((eventsPerShard - 9) / 4)));
}

/** A large file's byte ranges: one Activity each, so that no attempt holds a slot or a connection for hours. */
export const RANGE_BYTES = 1024 * MIB;
