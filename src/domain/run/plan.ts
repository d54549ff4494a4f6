/** How a shard's unfinished files become bundles; pure arithmetic. */

import type { ImageId } from '../dataset/ids.ts';
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

/** Every bundle holds at least one file, so a file above the byte bound is a bundle of its own. */
export function cutIntoBundles(
  files: readonly { readonly id: ImageId; readonly size: number }[],
  bounds: { readonly files: number; readonly bytes: number },
): Bundle[] {
  const bundles: Bundle[] = [];
  let ids: ImageId[] = [];
  let bytes = 0;
  const close = () => {
    if (ids.length > 0) bundles.push({ ids: formatIds(ids), files: ids.length, bytes });
    ids = [];
    bytes = 0;
  };
  for (const file of files) {
    if (ids.length >= bounds.files || (ids.length > 0 && bytes + file.size > bounds.bytes)) close();
    ids.push(file.id);
    bytes += file.size;
  }
  close();
  return bundles;
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
