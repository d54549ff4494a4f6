/** One line each, for the Timeline of the Temporal UI: what people read without a click. */

import { formatImageId, type ImageId, parseIds } from '../dataset/ids.ts';
import type { LargeFileRef } from '../dataset/reference-files.ts';
import { shardRow } from '../kinds.ts';
import { code, type Markdown, markdown, shown } from '../quoting/markdown.ts';
import type { Bundle } from '../run/activity-inputs.ts';
import type { ShardRef, ShardTotals } from '../run/workflow-inputs.ts';
import { formatBytes, formatCount, formatFiles, formatTime } from './format.ts';

/** `images 00042-00073 (32 files, 41.2 MiB)`; ids with gaps between them are named by the first and the last. */
export function bundleSummary(kind: string, bundle: Bundle): Markdown {
  const ids = parseIds(bundle.ids);
  const range = [...new Set([ids[0], ids.at(-1)])].map(five).join('-');
  return markdown`${shown(`${kind} ${range}`)} (${shown(formatFiles(bundle.files))}, ${shown(formatBytes(bundle.bytes))})`;
}

/** `images 01000 (1000 files, 1.27 GiB)`, or what is left of them: `images 01000 (12 of 1000 files left, 14.9 MiB)`. */
export function shardSummary(shard: ShardTotals): Markdown {
  const left = shard.files - shard.doneFiles;
  const files =
    left === shard.files ? formatFiles(left) : `${formatCount(left)} of ${formatFiles(shard.files)} left`;
  return markdown`${shown(`${shard.kind} ${shard.folder}`)} (${shown(files)}, ${shown(formatBytes(shard.bytes - shard.doneBytes))})`;
}

/** `tfrecords ffhq-r10 (205.1 GiB)`. */
export function largeFileSummary(file: Pick<LargeFileRef, 'kind' | 'key' | 'size'>): Markdown {
  return markdown`${shown(`${file.kind} ${file.key}`)} (${shown(formatBytes(file.size))})`;
}

/** Of a timer. */
export function waitSummary(reason: string, until: number): Markdown {
  return markdown`${shown(reason)}: next try ${shown(formatTime(new Date(until).toISOString()))}`;
}

/** Where a shard's files go, in Markdown. What is made of other files is numbered by its position in the manifest. */
export function shardPlace({ kind, folder }: ShardRef, out: string, kindFolder: string): Markdown {
  const place =
    shardRow(kind).madeOf === undefined
      ? code(`${kindFolder}/${folder}`)
      : markdown`records ${shown(folder)} and up, to ${code(kindFolder)}`;
  return markdown`- one folder of the run: ${place}\n- in: ${code(out)}`;
}

function five(id: ImageId | undefined): string {
  return id === undefined ? '' : formatImageId(id);
}
