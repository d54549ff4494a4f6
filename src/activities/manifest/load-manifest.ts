import { join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { adviceFor } from '../../domain/failure/reasons.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import type { LoadManifestInput } from '../../domain/run/activity-inputs.ts';
import type { ManifestSummary } from '../../domain/run/workflow-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { letGoInPlace } from '../exclusion/tombstoned-text.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { areWhole, isManifestLost } from '../records/line-cache.ts';
import { lstatIfThere, md5OfFile, seenAs, whatIs } from '../store/file-info.ts';
import { readFolderCard, writeFolderCard } from './folder-card.ts';
import { slicesRoot } from './manifest-folders.ts';
import { checkSlices, readSummary, type SliceSummary } from './manifest-slices.ts';
import {
  distrust,
  expectedMd5,
  findText,
  followed,
  forgetIncoming,
  isFrom,
  locationOf,
  putBack,
  putIntoPlace,
  textToRead,
} from './manifest-text.ts';
import { removeAbandoned } from './new-folder.ts';
import { checkSummary, sliceManifest } from './slice-manifest.ts';

/**
 * Makes sure that the slices of the manifest are there: from an earlier run, or by reading it. Only a manifest that was
 * read to its end and found right comes under its final name.
 */
export async function loadManifest(scope: ActivityScope, input: LoadManifestInput): Promise<ManifestSummary> {
  const { storePath, dependencies } = scope;
  const { seal } = dependencies;
  const { request, again } = input;
  try {
    await inFolder(storePath, statePaths.manifests, async () => {}, 'made');
    const summary = again === undefined ? await findOrSlice(scope, input) : await mend(scope, input, again);
    const { records, md5, bytes } = summary;
    checkSummary(summary, request);
    // Who only looks, by another manifest perhaps, leaves the folder the one that it was filled by.
    const onlyLooks = request.fetch === 'nothing' && (await readFolderCard(storePath, seal)) !== undefined;
    if (again === undefined && !onlyLooks) await putIntoPlace(scope, md5, request);
    if (!onlyLooks) await letGoInPlace(scope, md5);
    // Of a selection the card is written once it is known which records that is.
    if (request.selection === undefined) await writeFolderCard(storePath, md5, request, seal);
    return { records, md5, bytes };
  } catch (error) {
    if (error instanceof ManifestError) await forgetIncoming(storePath);
    throw error;
  }
}

async function findOrSlice(
  scope: ActivityScope,
  { request, run, failure }: LoadManifestInput,
): Promise<SliceSummary> {
  const { storePath, heartbeat, dependencies } = scope;
  const { seal } = dependencies;
  const root = slicesRoot(storePath);
  const expected = expectedMd5(request);
  const known = expected && (await readSummary(root, expected, seal));
  if (known) return known;
  const ledger = await readLedger(storePath, seal);
  if (failure?.startsWith('not-ours')) {
    const detail = await detailOf(scope, run, failure);
    throw new ManifestError(`manifest: ${detail}: ${adviceFor('not-ours')}`);
  }
  const mayServe = failure === undefined && request.fetch !== 'nothing';
  const path = await textToRead(storePath, request, mayServe);
  if (!mayServe && !(await isFrom(scope, request, path))) {
    const got = failure === undefined ? 'another one' : await detailOf(scope, run, failure);
    throw new ManifestError(`manifest [url=${locationOf(request)}]: expected a manifest, got ${got}`);
  }
  const info = await atFile(path, lstatIfThere).catch(undefinedIfNoFolder);
  if (info === undefined)
    throw new ManifestError(`manifest [file=${path}]: expected a file, got ${failure ?? 'nothing'}`);
  const text = await followed(path, request);
  const { isFile, size } = path === locationOf(request) ? await whatIs(text) : seenAs(info);
  if (!isFile) throw new ManifestError(`manifest [file=${path}]: expected a file, got something else`);
  heartbeat.setTotals([{ size }]);
  const found = expected ?? ledger.publishedOf(await md5OfFile(text, heartbeat.signal, () => {}));
  if (expected === undefined) {
    const sliced = await readSummary(root, found, seal);
    if (sliced) return sliced;
  }
  try {
    return await slice(scope, text, found);
  } catch (error) {
    const isFetched = mayServe && path !== locationOf(request);
    if (!(error instanceof ManifestError) || !isFetched || expected === undefined) throw error;
    if (ledger.publishedOf(await md5OfFile(path, heartbeat.signal, () => {})) === expected) throw error;
    // It was right when it was put there, and is damaged since.
    await distrust(storePath, path);
    throw new StoreError('manifest-lost', error.message, { cause: error });
  }
}

/** The run has read this manifest before: what is wrong of its text in place, or of its slices, is made anew. */
async function mend(
  scope: ActivityScope,
  { request, run, failure }: LoadManifestInput,
  md5: Md5,
): Promise<SliceSummary> {
  const { storePath, heartbeat, dependencies } = scope;
  heartbeat.say('looking at what the folder keeps of the manifest');
  const text = await findText(scope, request, md5).catch(async (lost: unknown) => {
    if (failure === undefined || !isManifestLost(lost)) throw lost;
    throw new ManifestError(`${lost.message}, and ${await detailOf(scope, run, failure)}`);
  });
  await putBack(storePath, text);
  const root = slicesRoot(storePath);
  const known = await readSummary(root, md5, dependencies.seal);
  if (known) {
    if (await areWhole(checkSlices(root, known))) return known;
  }
  return slice(scope, join(storePath, MANIFEST_FILE), md5);
}

async function slice(
  { storePath, heartbeat, dependencies }: ActivityScope,
  text: string,
  expected: Md5,
): Promise<SliceSummary> {
  const ledger = await readLedger(storePath, dependencies.seal);
  const root = slicesRoot(storePath);
  heartbeat.say('reading the manifest');
  await removeAbandoned(root);
  const onBytes = (bytes: number) => heartbeat.addNotedBytes(bytes);
  return sliceManifest(text, root, expected, dependencies.seal, heartbeat.signal, onBytes, ledger);
}

/** Of the user's own file, which may be named in a folder that is not there. */
function undefinedIfNoFolder(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/** What the run knows is only the reason. */
async function detailOf(
  { storePath, dependencies }: Pick<ActivityScope, 'storePath' | 'dependencies'>,
  run: string,
  failure: string,
): Promise<string> {
  for await (const { reason, detail } of dependencies.failureLog.readFailures(storePath, run, ['json'])) {
    return `${reason}: ${detail}`;
  }
  return failure;
}
