import { onTestFinished } from 'vitest';
import type { TinyDatasetOptions } from '../../src/sample/make-tiny-dataset.ts';
import { eventually } from '../temporal/fixtures/eventually.ts';
import { lookAtDisk } from './arrived-files.ts';
import { PATIENCE_MS } from './processes.ts';
import { type ServedDataset, serveDataset } from './serve-dataset.ts';

const KIB = 1024;

/** Originals of 270 kB that take seconds, so that whatever happens happens in the middle of several. */
export async function slowDataset(
  records: number,
  bytesPerSecond = 24 * KIB,
  options: Partial<TinyDatasetOptions> = {},
): Promise<ServedDataset> {
  const dataset = await serveDataset({
    records,
    noiseBits: 8,
    pngSize: { images: 160, thumbs: 32, wilds: 300 },
    ...options,
  });
  onTestFinished(() => dataset.close());
  dataset.drive.behave('all', { kind: 'drip', bytesPerSecond });
  return dataset;
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
