import { onTestFinished } from 'vitest';
import type { TinyDatasetOptions } from '../../../src/sample/make-tiny-dataset.ts';
import { lookAtDisk, picturesOf } from '../arrived-files.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from '../processes.ts';
import { type ServedDataset, serveDataset } from './serve-dataset.ts';

const KIB = 1024;

/** A dataset whose thumbnails arrive at once and whose other pictures take half a minute. */
export interface SlowDataset extends ServedDataset {
  /** Pictures come as fast as they can, in responses that begin from now on. */
  hurry(): void;
}

/** Flags for a worker in whose hands many files are begun at the same time, with small steps on the disk. */
export const manyAtOnce = ['--num_threads', '48', '--chunk_size', '4'] as const;

/** Images of 75 kB and originals of 270 kB, so that whatever happens happens in the middle of files. */
export async function slowDataset(
  records: number,
  options: Partial<TinyDatasetOptions> = {},
): Promise<SlowDataset> {
  const dataset = await serveDataset({
    records,
    noiseBits: 8,
    pngSize: { images: 160, thumbs: 32, wilds: 300 },
    ...options,
  });
  onTestFinished(() => dataset.close());
  const slow = picturesOf(dataset).filter((path) => !path.startsWith('thumbnails'));
  for (const path of slow)
    dataset.drive.behave(dataset.idOf(path), { kind: 'drip', bytesPerSecond: 8 * KIB });
  return {
    ...dataset,
    hurry: () => {
      for (const path of slow) dataset.drive.behave(dataset.idOf(path), undefined);
    },
  };
}

/** Waits until some files are whole and several others are begun. */
export async function inTheMiddle(dataset: ServedDataset): Promise<void> {
  await eventually(
    'a run in the middle of files',
    () => {
      const { whole, partial } = lookAtDisk(dataset);
      return whole.size >= 4 && [...partial.values()].filter((bytes) => bytes >= 16 * KIB).length >= 4;
    },
    PATIENCE_MS,
  );
}
