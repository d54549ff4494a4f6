import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Md5, parseMd5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { officialManifest } from '../../domain/dataset/reference-files.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { LoadManifestInput, ManifestSummary } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { readJsonFile, writeFileAtomically } from '../store/atomic-file.ts';
import { readFailures } from '../store/failure-log.ts';
import { lstatIfThere } from '../store/file-info.ts';
import { readSummary, type SliceSummary } from './manifest-slices.ts';
import { planPhotos } from './plan-photos.ts';
import { checkSummary, md5OfFile, sliceManifest } from './slice-manifest.ts';

/** `current.json`: which manifest the folder was filled by, so that a later `verify` knows without being told. */
export interface CurrentManifest {
  readonly md5: string;
  readonly request: Pick<RunRequest, 'manifest' | 'license' | 'source' | 'allowedHosts'>;
}

/**
 * Makes sure that the slices of the manifest are there: from an earlier run, or by reading it. Only a manifest that was
 * read to its end and found right comes under its final name.
 */
export function makeLoadManifest(dependencies: ActivityDependencies) {
  return async function loadManifest(input: LoadManifestInput): Promise<ManifestSummary> {
    const progress = BundleProgress.begin();
    let storePath: string | undefined;
    try {
      storePath = await enterStore(dependencies, input);
      const root = join(storePath, statePaths.manifests);
      await mkdir(root, { recursive: true });
      const { manifest } = input.request;
      if (manifest.name === 'photos') return await planPhotos(storePath, manifest, input.request, progress);
      const summary = await findOrSlice(storePath, root, input, progress);
      checkSummary(summary, input.request);
      await putIntoPlace(storePath, summary, input.request);
      return { records: summary.records, md5: summary.md5, bytes: summary.bytes };
    } catch (error) {
      // Its verification record would vouch for it, and the next run would not ask for a better one.
      if (error instanceof ManifestError && storePath !== undefined)
        await rm(join(storePath, statePaths.incomingManifest), { force: true });
      throw error;
    } finally {
      progress.end();
    }
  };
}

async function findOrSlice(
  storePath: string,
  root: string,
  { request, run, failure }: LoadManifestInput,
  progress: BundleProgress,
): Promise<SliceSummary> {
  const expected = expectedMd5(request);
  const known = expected && (await readSummary(root, expected));
  if (known) return known;
  const path = await manifestPath(storePath, request);
  const mayServe = failure === undefined && request.fetch !== 'nothing';
  if (!mayServe && !(await isFrom(storePath, request))) {
    const got = failure === undefined ? 'another one' : await detailOf(storePath, run, failure);
    throw new ManifestError(`manifest [url=${locationOf(request)}]: expected a manifest, got ${got}`);
  }
  const info = await lstatIfThere(path);
  if (info === undefined)
    throw new ManifestError(`manifest [file=${path}]: expected a file, got ${failure ?? 'nothing'}`);
  const size = Number(info.size);
  progress.setTotals([{ kind: 'json', key: MANIFEST_FILE, url: '', path: MANIFEST_FILE, size }]);
  const onBytes = (bytes: number) => progress.addNotedBytes(bytes);
  if (expected === undefined) {
    const sliced = await readSummary(root, await md5OfFile(path, progress.signal, () => {}));
    if (sliced) return sliced;
  }
  progress.say('reading the manifest');
  return sliceManifest(path, root, expected, progress.signal, onBytes);
}

/**
 * Is what lies in the dataset folder what the request names? Only a manifest named by URL without a checksum can be
 * mistaken for another one: one that lies there from an earlier run serves when its own origin is gone.
 */
async function isFrom(storePath: string, request: RunRequest): Promise<boolean> {
  const location = locationOf(request);
  if (location === undefined || !isUrl(location) || expectedMd5(request) !== undefined) return true;
  const current = await readCurrentManifest(storePath);
  return current !== undefined && locationOf(current.request) === location;
}

function locationOf({ manifest }: Pick<RunRequest, 'manifest'>): string | undefined {
  return manifest.name === 'other' ? manifest.location : undefined;
}

/** What the run knows is only the reason. */
async function detailOf(storePath: string, run: string, failure: string): Promise<string> {
  for await (const { kind, reason, detail } of readFailures(storePath, run)) {
    if (kind === 'json') return `${reason}: ${detail}`;
  }
  return failure;
}

/** Of the manifest's text, where it is known beforehand. */
export function expectedMd5({ manifest }: Pick<RunRequest, 'manifest'>): Md5 | undefined {
  if (manifest.name === 'official') return officialManifest.md5;
  return manifest.name === 'other' ? manifest.md5 : undefined;
}

/** Where the text lies that is to be read: in place, just fetched, or where the user has it. */
async function manifestPath(storePath: string, request: RunRequest): Promise<string> {
  if (request.manifest.name !== 'other') return join(storePath, MANIFEST_FILE);
  if (!isUrl(request.manifest.location)) return request.manifest.location;
  const incoming = join(storePath, statePaths.incomingManifest);
  if (await lstatIfThere(incoming)) return incoming;
  return join(storePath, MANIFEST_FILE);
}

/** Where the text of the manifest lies once it has been read. */
export async function manifestInPlace(storePath: string, { manifest }: RunRequest): Promise<string> {
  const inPlace = join(storePath, MANIFEST_FILE);
  // Named in the error where it is gone again.
  if (manifest.name === 'official' || (await lstatIfThere(inPlace))) return inPlace;
  return manifest.name === 'other' && !isUrl(manifest.location) ? manifest.location : inPlace;
}

/** The dataset folder has its manifest beside the pictures, as the reference leaves it. */
async function putIntoPlace(storePath: string, summary: SliceSummary, request: RunRequest): Promise<void> {
  const { manifest, license, source, allowedHosts } = request;
  const final = join(storePath, MANIFEST_FILE);
  if (manifest.name === 'other') {
    const incoming = join(storePath, statePaths.incomingManifest);
    if (isUrl(manifest.location)) {
      if (await lstatIfThere(incoming)) await rename(incoming, final);
    } else if ((await currentMd5(storePath)) !== summary.md5 || !(await lstatIfThere(final))) {
      const own = join(storePath, `${statePaths.incomingManifest}.copy`);
      await copyFile(manifest.location, own, constants.COPYFILE_FICLONE);
      await rename(own, final);
    }
    await rm(incoming, { force: true });
  }
  const current: CurrentManifest = { md5: summary.md5, request: { manifest, license, source, allowedHosts } };
  await writeFileAtomically(join(storePath, statePaths.currentManifest), `${JSON.stringify(current)}\n`);
}

/** What an earlier run of this folder was asked for, as far as the manifest goes. */
export async function readCurrentManifest(storePath: string): Promise<CurrentManifest | undefined> {
  const content = await readJsonFile(join(storePath, statePaths.currentManifest));
  if (content === null || typeof content !== 'object') return undefined;
  const { md5, request } = content as Partial<CurrentManifest>;
  return parseMd5(md5) !== undefined && request?.manifest !== undefined
    ? (content as CurrentManifest)
    : undefined;
}

async function currentMd5(storePath: string): Promise<string | undefined> {
  return (await readCurrentManifest(storePath))?.md5;
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}
