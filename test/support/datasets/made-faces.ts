import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Sample } from '../../../src/sample/folder/sample.ts';
import { makeSample } from '../../../src/sample/make-sample.ts';

/**
 * A sample of faces in a folder of the test's own, to alter as it likes. Drawing one takes seconds of both cores, so each
 * is drawn once in a run of all tests, by the first that asks, and copied for those after it.
 */
export async function makeFaces(folder: string, records: number): Promise<Sample> {
  const samples = inject('samples');
  const drawn = join(samples, `of-${records}`);
  if (!existsSync(drawn)) {
    const own = await mkdtemp(join(samples, 'new-'));
    await makeSample({ folder: own, records });
    // Another test may have been faster: then its folder is there, and is not empty.
    await rename(own, drawn).catch(() => rm(own, { recursive: true }));
  }
  await cp(drawn, folder, { recursive: true });
  // Looks at the digest of every file of the copy.
  return makeSample({ folder, records });
}
