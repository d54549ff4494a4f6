/** How a shard's unfinished files become bundles; pure arithmetic. */

import type { ShardKind } from '../dataset/file-spec.ts';
import type { ImageId } from '../dataset/ids.ts';
import { formatIds } from '../dataset/ids.ts';
import type { RunRequest } from './request.ts';
import type { Bundle } from './run.ts';

const MIB = 1024 ** 2;

export interface BundleBounds {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Whichever comes first closes a bundle. An Activity costs 10-14 ms of CPU in server and worker together: with 64
 * thumbnails (2.7 ms of work each) or 32 images (47 ms each) that is 6 % and below 1 %; a 14 MB original is worth its
 * own line in the UI, five of them an Activity (docs/decisions/bundles.md has the arithmetic).
 */
export const bundleBounds = {
  thumbs: { files: 64, bytes: 64 * MIB },
  images: { files: 32, bytes: 256 * MIB },
  wilds: { files: 64, bytes: 64 * MIB },
  // A third of a second each: one Activity takes seconds, and a killed worker loses no more than its pictures in hand.
  align: { files: 16, bytes: 1024 * MIB },
} as const satisfies Record<ShardKind, BundleBounds>;

export function boundsFor(
  kind: ShardKind,
  request: Pick<RunRequest, 'bundleFiles' | 'bundleBytes'>,
): BundleBounds {
  const byDefault = bundleBounds[kind];
  return { files: request.bundleFiles ?? byDefault.files, bytes: request.bundleBytes ?? byDefault.bytes };
}

/** Every bundle holds at least one file, so a file above the byte bound is a bundle of its own. */
export function cutIntoBundles(
  files: readonly { readonly id: ImageId; readonly size: number }[],
  bounds: BundleBounds,
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

/** Shards in progress at a time. More would only spread the same slots over more histories and cached workflows. */
export const SHARD_WINDOW = 4;

/** The same for folders that are aligned: they work on processors, and must not take the downloads' places. */
export const ALIGN_WINDOW = 2;

/** With `--discard-originals`: folders whose originals may lie on the disk at a time, fetched or being fetched. */
export const ORIGINALS_AHEAD = 4;

/** Files that the lanes of all shards together should hold, so that two or three workers find enough: 2 x 32 threads. */
const FILES_AHEAD = 64;

/** Bundles of a folder that wait for processors: enough for a lab's hosts; one that waits costs nothing. */
const ALIGN_LANES = 32;

/** Bundles of one shard in flight at a time. */
export function lanesFor(bundles: readonly Bundle[], kind: ShardKind): number {
  if (bundles.length === 0) return 1;
  if (kind === 'align') return Math.min(bundles.length, ALIGN_LANES);
  const filesPerBundle = bundles.reduce((sum, bundle) => sum + bundle.files, 0) / bundles.length;
  return Math.min(bundles.length, 16, Math.max(2, Math.ceil(FILES_AHEAD / (filesPerBundle * SHARD_WINDOW))));
}

/** Events of a history after which a shard or a run drains and continues as new; below the 3,000 that we promise. */
export const CONTINUE_AS_NEW_EVENTS = 2_800;

/** More would cost the server more than a thousand-folder of thumbnails costs to fetch. */
const MOST_SIGNALS = 2;

/**
 * Progress signals a shard may send. In the parent a child costs at most 9 events (initiated, started, closed, and a
 * Workflow Task of 3 for each of the last two) and a signal 4, so 210 shards afford one signal each, 70 shards two.
 */
export function signalsPerShard(shards: number): number {
  const eventsPerShard = (CONTINUE_AS_NEW_EVENTS - 50) / Math.max(1, shards);
  return Math.max(0, Math.min(MOST_SIGNALS, Math.floor((eventsPerShard - 9) / 4)));
}

/** An archive's byte ranges: one Activity each, so that no attempt holds a slot or a connection for hours. */
export const ARCHIVE_RANGE_BYTES = 1024 * MIB;
