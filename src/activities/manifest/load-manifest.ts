import { mkdir } from 'node:fs/promises';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { adviceFor } from '../../domain/failure/reasons.ts';
import type { LoadManifestInput } from '../../domain/run/activity-inputs.ts';
import type { ManifestSummary } from '../../domain/run/workflow-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { readFailures } from '../records/failure-log.ts';
import { lstatIfThere, md5OfFile } from '../store/file-info.ts';
import { writeFolderCard } from './folder-card.ts';
import { slicesRoot } from './manifest-folders.ts';
import { readSummary, type SliceSummary } from './manifest-slices.ts';
import {
  expectedMd5,
  forgetIncoming,
  isFrom,
  locationOf,
  putIntoPlace,
  textToRead,
} from './manifest-text.ts';
import { checkSummary, sliceManifest } from './slice-manifest.ts';

/**
 * Makes sure that the slices of the manifest are there: from an earlier run, or by reading it. Only a manifest that was
 * read to its end and found right comes under its final name.
 */
export async function loadManifest(scope: ActivityScope, input: LoadManifestInput): Promise<ManifestSummary> {
  const { storePath } = scope;
  const { request } = input;
  try {
    await mkdir(slicesRoot(storePath), { recursive: true });
    const summary = await findOrSlice(scope, input);
    const { records, md5, bytes } = summary;
    checkSummary(summary, request);
    await putIntoPlace(scope, md5, request);
    await writeFolderCard(storePath, md5, request);
    return { records, md5, bytes };
  } catch (error) {
    if (error instanceof ManifestError) await forgetIncoming(storePath);
    throw error;
  }
}

async function findOrSlice(
  { storePath, heartbeat }: ActivityScope,
  { request, run, failure }: LoadManifestInput,
): Promise<SliceSummary> {
  const root = slicesRoot(storePath);
  const expected = expectedMd5(request);
  const known = expected && (await readSummary(root, expected));
  if (known) return known;
  if (failure?.startsWith('not-ours')) {
    const detail = await detailOf(storePath, run, failure);
    throw new ManifestError(`manifest: ${detail}: ${adviceFor('not-ours')}`);
  }
  const path = await textToRead(storePath, request);
  const mayServe = failure === undefined && request.fetch !== 'nothing';
  if (!mayServe && !(await isFrom(storePath, request))) {
    const got = failure === undefined ? 'another one' : await detailOf(storePath, run, failure);
    throw new ManifestError(`manifest [url=${locationOf(request)}]: expected a manifest, got ${got}`);
  }
  const info = await lstatIfThere(path);
  if (info === undefined)
    throw new ManifestError(`manifest [file=${path}]: expected a file, got ${failure ?? 'nothing'}`);
  heartbeat.setTotals([{ size: Number(info.size) }]);
  if (expected === undefined) {
    const sliced = await readSummary(root, await md5OfFile(path, heartbeat.signal, () => {}));
    if (sliced) return sliced;
  }
  heartbeat.say('reading the manifest');
  return sliceManifest(path, root, expected, heartbeat.signal, (bytes) => heartbeat.addNotedBytes(bytes));
}

/** What the run knows is only the reason. */
async function detailOf(storePath: string, run: string, failure: string): Promise<string> {
  for await (const { reason, detail } of readFailures(storePath, run, ['json'])) {
    return `${reason}: ${detail}`;
  }
  return failure;
}
