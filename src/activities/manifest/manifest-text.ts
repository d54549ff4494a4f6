/** Where the text of a run's manifest lies: where it is fetched to, read from, and left, one way per origin. */

import { randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { copyFile, type FileHandle, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileSpec, mostBytes } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, NO_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { officialManifest } from '../../domain/dataset/reference-files.ts';
import { adviceFor } from '../../domain/failure/reasons.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { manifestFile } from '../../domain/run/listed-files.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { cardsOf } from '../../domain/verify/folder-card.ts';
import { findVouchingRecord, knownOf } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { atFile } from '../folders/held-folder.ts';
import { isMisleading, openToRead } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { manifestLost } from '../records/line-cache.ts';
import { syncFile, writeNewFile } from '../store/atomic-file.ts';
import { lstatIfThere, md5OfFile, onDisk } from '../store/file-info.ts';
import { readFolderCard, readForeignCards, readLatestCard } from './folder-card.ts';
import { slicesRoot } from './manifest-folders.ts';
import { readSummary } from './manifest-slices.ts';

type Asked = Pick<RunRequest, 'manifest'>;

/** Of the manifest's text, where it is known beforehand. */
export function expectedMd5({ manifest }: Asked): Md5 | undefined {
  if (manifest.name === 'official') return officialManifest.md5;
  return manifest.name === 'other' ? manifest.md5 : undefined;
}

/** What the user named; undefined: nothing but the official one. */
export function locationOf({ manifest }: Asked): string | undefined {
  return manifest.name === 'other' ? manifest.location : undefined;
}

/** A manifest named by URL waits elsewhere until it has been read; an earlier run's lies in its place by now. */
export async function manifestToFetch(scope: ActivityScope, request: RunRequest): Promise<FileSpec> {
  const { storePath, heartbeat, dependencies } = scope;
  const incoming = manifestFile(request.manifest);
  const path = join(storePath, MANIFEST_FILE);
  const info = incoming.md5 === undefined ? undefined : await lstatIfThere(path);
  // Anything but a file is no manifest: the one to come takes its place.
  if (!info?.isFile()) return incoming;
  const inPlace = { ...incoming, path: MANIFEST_FILE };
  if (incoming.md5 !== undefined) {
    const left = await withoutWhatWent(scope, { ...inPlace, md5: incoming.md5 });
    if (left.md5 !== incoming.md5) return left;
  }
  const records = (await dependencies.verifiedLog.read(storePath, incoming.kind, NO_FOLDER)).get(
    MANIFEST_FILE,
  );
  if (findVouchingRecord(inPlace, records, onDisk(info))) return inPlace;
  const md5 = await md5OfText(path, heartbeat.signal, (bytes) => heartbeat.addNotedBytes(bytes));
  return md5 === incoming.md5 ? inPlace : incoming;
}

/**
 * What lies in place of a manifest whose records were let go in part: the folder's own text, where it is whole. Anything else is
 * replaced by the published one.
 */
export async function withoutWhatWent<Spec extends FileSpec & { readonly md5: Md5 }>(
  { storePath, heartbeat, dependencies }: Pick<ActivityScope, 'storePath' | 'heartbeat' | 'dependencies'>,
  published: Spec,
): Promise<Spec> {
  const ours = (await readLedger(storePath, dependencies.seal)).textOf(published.md5);
  const path = join(storePath, MANIFEST_FILE);
  const info = ours && (await lstatIfThere(path));
  if (ours === undefined || !info?.isFile() || Number(info.size) !== ours.size) return published;
  const spec = { ...published, md5: ours.text, size: ours.size };
  const records = (await dependencies.verifiedLog.read(storePath, 'json', NO_FOLDER)).get(MANIFEST_FILE);
  if (findVouchingRecord(spec, records, onDisk(info))) return spec;
  return (await md5OfText(path, heartbeat.signal, () => {})) === ours.text ? spec : published;
}

/**
 * Where the text lies that is to be read: in place, just fetched, or where the user has it.
 *
 * @param isFetched by this run; what lies among what was fetched otherwise is of a run that ended before it had read it
 */
export async function textToRead(storePath: string, request: Asked, isFetched: boolean): Promise<string> {
  const location = locationOf(request);
  if (location !== undefined && !isUrl(location)) return location;
  const incoming = join(storePath, statePaths.incomingManifest);
  return isFetched && location !== undefined && (await atFile(incoming, lstatIfThere))
    ? incoming
    : join(storePath, MANIFEST_FILE);
}

/**
 * Where the text of this MD5 lies: in place, just fetched, or where the user has it. Throws `manifest-lost` where it does
 * not; whatever lies in its place then is looked at before it counts again.
 */
export async function findText(
  { storePath, heartbeat, dependencies }: TextScope,
  request: Asked,
  md5: Md5,
): Promise<string> {
  const ledger = await readLedger(storePath, dependencies.seal);
  const location = locationOf(request);
  const inPlace = join(storePath, MANIFEST_FILE);
  const incoming = join(storePath, statePaths.incomingManifest);
  const places = [inPlace, incoming, ...(location === undefined || isUrl(location) ? [] : [location])];
  for (const path of places) {
    const info = await atFile(path, lstatIfThere).catch(undefinedIfNoFolder);
    if (info === undefined || (!info.isFile() && path !== location)) continue;
    const text = await followed(path, request);
    const found = await (path === location ? md5OfFile : md5OfText)(text, heartbeat.signal, () => {});
    if (found !== undefined && ledger.publishedOf(found) === md5) return text;
  }
  await distrust(storePath, inPlace);
  await distrust(storePath, incoming);
  throw manifestLost(inPlace, `no text of MD5 ${md5}`);
}

/** What finding a text takes of an Activity. */
export interface TextScope {
  readonly storePath: string;
  readonly heartbeat: Pick<ActivityScope['heartbeat'], 'signal'>;
  readonly dependencies: Pick<ActivityScope['dependencies'], 'seal'>;
}

/** As {@link md5OfFile}; undefined of what is larger than any manifest, as a file without anything in it may be. */
async function md5OfText(...[path, ...how]: Parameters<typeof md5OfFile>): Promise<Md5 | undefined> {
  const { size } = await stat(path);
  return size > mostBytes({ kind: 'json' }) ? undefined : md5OfFile(path, ...how);
}

/**
 * Not what it was when it was recorded: with another time the record vouches for it no more. Where it has other names, as
 * in a copy of the folder by links, they keep their time: this name alone leads to another file of the same text then.
 */
export async function distrust(storePath: string, path: string): Promise<void> {
  let handle: FileHandle;
  try {
    // A link or a pipe that lies there, or comes there now, is none.
    handle = await atFile(path, openToRead);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || isMisleading(error)) return;
    throw error;
  }
  try {
    const info = await handle.stat();
    // No record vouches for what is larger than any manifest.
    if (!info.isFile() || info.size > mostBytes({ kind: 'json' })) return;
    if (info.nlink > 1) await putCopy(storePath, (own) => copyBytes(handle, own, info.size), path);
    else {
      const now = new Date();
      await handle.utimes(now, now);
    }
  } finally {
    await handle.close();
  }
}

/** The user may name a link to the text; in the dataset folder none is followed. */
export function followed(path: string, request: Asked): Promise<string> {
  return path === locationOf(request) ? realpath(path) : Promise.resolve(path);
}

function undefinedIfNoFolder(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/**
 * Is this text in the dataset folder what the request names? Only a manifest named by URL without a checksum can be
 * mistaken for another one: one that lies there from an earlier run serves when its own origin is gone. Where the folder
 * was filled by another manifest or another key since, it is the one that a run of ours read, or none.
 */
export async function isFrom(
  { storePath, heartbeat, dependencies }: Pick<ActivityScope, 'storePath' | 'heartbeat' | 'dependencies'>,
  request: Asked,
  text: string,
): Promise<boolean> {
  const location = locationOf(request);
  if (location === undefined || !isUrl(location) || expectedMd5(request) !== undefined) return true;
  const own = cardsOf(await readFolderCard(storePath, dependencies.seal));
  const known = own.filter((card) => locationOf(card.request) === location);
  if (known.length === 0) return false;
  const there = await atFile(text, lstatIfThere).catch(undefinedIfNoFolder);
  if (!there?.isFile()) return false;
  const md5 = await md5OfText(text, heartbeat.signal, () => {});
  const ledger = await readLedger(storePath, dependencies.seal);
  return md5 !== undefined && known.some((card) => card.md5 === ledger.publishedOf(md5));
}

/**
 * The dataset folder has its manifest beside the pictures, as the reference leaves it. A file of that name that no run of
 * this folder has read is the user's own: it is kept, and the run ends.
 */
export async function putIntoPlace(
  scope: Pick<ActivityScope, 'storePath' | 'heartbeat' | 'dependencies'>,
  md5: Md5,
  request: Asked,
): Promise<void> {
  const { storePath } = scope;
  const location = locationOf(request);
  if (location === undefined) return;
  const final = join(storePath, MANIFEST_FILE);
  const incoming = join(storePath, statePaths.incomingManifest);
  // What went does not come back with the text that it was in.
  const spec = { kind: 'json', key: MANIFEST_FILE, url: '', path: MANIFEST_FILE, md5 } as const;
  if ((await withoutWhatWent(scope, spec)).md5 !== md5) return atFile(incoming, removeFile);
  if (isUrl(location)) {
    if (!(await atFile(incoming, lstatIfThere))) return;
    await refuseToReplaceOwn(scope, final, md5);
    await renameInto(incoming, final);
    await syncFolder(storePath);
    return;
  }
  if (!(await isInPlace(scope, md5, location))) {
    await refuseToReplaceOwn(scope, final, md5);
    await copyInto(storePath, location);
  }
  await atFile(incoming, removeFile);
}

/** What this folder was ever filled by has slices; the same text may replace itself. */
async function refuseToReplaceOwn(
  { storePath, heartbeat, dependencies }: Pick<ActivityScope, 'storePath' | 'heartbeat' | 'dependencies'>,
  final: string,
  md5: Md5,
): Promise<void> {
  const there = await lstatIfThere(final);
  // A link gives way: what it leads to stays.
  if (!there?.isFile()) return;
  const verified = await dependencies.verifiedLog.read(storePath, 'json', NO_FOLDER);
  const known = knownOf(verified.get(MANIFEST_FILE), onDisk(there));
  if (known !== undefined && known.how !== 'damaged') return;
  const text = await md5OfText(final, heartbeat.signal, () => {});
  const ledger = await readLedger(storePath, dependencies.seal);
  const found = text && ledger.publishedOf(text);
  if (found === md5 || found === (await readFolderCard(storePath, dependencies.seal))?.md5) return;
  const isSliced = found && (await readSummary(slicesRoot(storePath), found, dependencies.seal));
  if (isSliced) return;
  const others = (await readForeignCards(storePath, dependencies.seal)).flatMap(cardsOf);
  // A run of another key, or of a version before, says that it read it: it makes room, and stays all the same.
  if (others.some((card) => card.md5 === found)) return putAside(final);
  throw new ManifestError(
    `manifest [file=${final}]: expected the one that was asked for, or one that an earlier run put there, got another file, which is kept: ${adviceFor('not-ours')}`,
  );
}

/** Puts the text that was found right in place, where it is not there. */
export async function putBack(storePath: string, text: string): Promise<void> {
  const incoming = join(storePath, statePaths.incomingManifest);
  if (text === join(storePath, MANIFEST_FILE)) return;
  if (text !== incoming) return copyInto(storePath, text);
  await renameInto(incoming, join(storePath, MANIFEST_FILE));
  await syncFolder(storePath);
}

/** Under a name that nothing else has. */
function putAside(final: string): Promise<void> {
  const name = `ffhq-dataset-v2-before-${randomBytes(6).toString('hex')}.json`;
  return atFile(final, (file) => rename(file, join(dirname(file), name)));
}

function renameInto(from: string, final: string): Promise<void> {
  return atFile(from, (file) => atFile(final, (place) => rename(file, place)));
}

/** By its size: what an earlier version copied was not synced, and a power failure may have left less of it. */
async function isInPlace(
  { storePath, dependencies }: Pick<ActivityScope, 'storePath' | 'dependencies'>,
  md5: Md5,
  location: string,
): Promise<boolean> {
  if ((await readLatestCard(storePath, dependencies.seal))?.md5 !== md5) return false;
  const there = await lstatIfThere(join(storePath, MANIFEST_FILE));
  return there?.isFile() === true && there.size === (await stat(location, { bigint: true })).size;
}

/** Puts a copy of the user's text in place, as a whole. */
function copyInto(storePath: string, text: string): Promise<void> {
  const copy = (own: string) => copyFile(text, own, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  return putCopy(storePath, copy, join(storePath, MANIFEST_FILE));
}

/** @param write makes the copy, under a name that nobody else uses */
async function putCopy(
  storePath: string,
  write: (own: string) => Promise<void>,
  final: string,
): Promise<void> {
  await atFile(join(storePath, statePaths.incomingManifest), async (incoming) => {
    const own = `${incoming}.${randomBytes(6).toString('hex')}.copy`;
    try {
      await write(own);
      await syncFile(own);
      await atFile(final, (place) => rename(own, place));
    } catch (error) {
      await removeFile(own);
      throw error;
    }
  });
  await syncFolder(storePath);
}

/** What an open file holds, whatever comes to lie at its path. */
async function copyBytes(from: FileHandle, to: string, size: number): Promise<void> {
  if (size === 0) return writeNewFile(to, '');
  const bytes = from.createReadStream({ autoClose: false, start: 0, end: size - 1 });
  await pipeline(bytes, createWriteStream(to, { flags: 'wx' }));
}

/** What was fetched is no manifest: its record would vouch for it, and the next run would not ask for a better one. */
export async function forgetIncoming(storePath: string): Promise<void> {
  await atFile(join(storePath, statePaths.incomingManifest), removeFile);
}
