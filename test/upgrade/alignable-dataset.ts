import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Sample } from '../../src/sample/folder/sample.ts';
import { makeTinyDataset } from '../../src/sample/make-tiny-dataset.ts';
import { publishAligned } from '../support/datasets/publish-aligned.ts';
import { serveSample } from '../support/datasets/serve-dataset.ts';
import { User } from '../support/processes.ts';
import { commandFor } from './recording.ts';

/**
 * Makes a dataset of some hundred kB in `root/origin` whose faces align to its images: its small originals are aligned
 * once, by this version, and what comes of them takes the images' place.
 */
export async function makeAlignableDataset(
  root: string,
  ids: readonly number[],
  folder: string,
): Promise<Sample> {
  const tiny = await makeTinyDataset({
    folder: join(root, 'origin'),
    ids,
    pngSize: { images: 16, thumbs: 16, wilds: 32 },
    noiseBits: 1,
  });
  const dataset = await serveSample(tiny, root);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const { code, output } = await user.run(commandFor(dataset));
  // Aligned and stored, but not what the manifest names.
  expect(code, output).toBe(3);
  await dataset.drive.close();

  const sample = await publishAligned(tiny, ids, join(dataset.out, folder));
  rmSync(dataset.out, { recursive: true });
  return sample;
}
