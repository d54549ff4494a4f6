import { readFile, realpath } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { AlignSpec } from '../../domain/align/align-spec.ts';
import { CropPlanner } from '../../domain/align/crop-planner.ts';
import { type PhotoFaces, parsePhotoLandmarks } from '../../domain/align/photo-landmarks.ts';
import { md5Of } from '../../domain/dataset/digest.ts';
import { type ImageId, MAX_IMAGE_ID, type Md5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { fileFault } from '../../domain/failure/file-system-fault.ts';
import type { AgainInput } from '../../domain/run/activity-inputs.ts';
import type { RunContext } from '../../domain/run/run.ts';
import type { ManifestSummary } from '../../domain/run/workflow-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { inFolder } from '../folders/held-folder.ts';
import type { Heartbeat } from '../heartbeat.ts';
import { md5OfFile, whatIs } from '../store/file-info.ts';
import { CropWriter } from './crop-files.ts';
import { writeFolderCard } from './folder-card.ts';
import { cropsRoot, slicesRoot } from './manifest-folders.ts';
import { SliceWriter } from './manifest-slices.ts';
import { removeAbandoned } from './new-folder.ts';
import { pictureSize } from './picture-size.ts';

/** Of as many faces as there are ids, each number with five digits and more. */
const MOST_BYTES = 128 * 1024 ** 2;

/**
 * The user's own photographs as a dataset: every face a record, numbered in the order of the landmarks file. Answers
 * the summary of that; its digest stands for the landmarks and for the very photographs.
 */
export async function planPhotos(
  { storePath, heartbeat, dependencies }: ActivityScope,
  { request, again }: RunContext & AgainInput,
): Promise<ManifestSummary> {
  const { seal } = dependencies;
  const { align, manifest: photos } = request;
  if (align === undefined || photos.name !== 'photos')
    throw new Error('request: expected photographs and how to align them, got neither');
  await inFolder(storePath, statePaths.manifests, async () => {}, 'made');
  heartbeat.say('reading landmarks and photographs');
  const faces = await readLandmarks(photos.landmarks);
  const records = faces.reduce((sum, { faces: ofPhoto }) => sum + ofPhoto.length, 0);
  if (records === 0 || records > MAX_IMAGE_ID + 1) {
    throw new ManifestError(
      `landmarks [file=${photos.landmarks}]: expected 1 to ${MAX_IMAGE_ID + 1} faces, got ${records}`,
    );
  }
  refuseSharedNames(faces, photos.landmarks);
  const originals: {
    readonly file: string;
    readonly original: AlignSpec['original'];
    readonly size: Size;
  }[] = [];
  for (const { file } of faces) originals.push(await lookAtPhoto(photos.folder, file, heartbeat));
  const md5 = md5Of(Buffer.from(JSON.stringify([faces, originals])));
  if (again !== undefined && again !== md5) {
    throw new ManifestError(
      `photographs [folder=${photos.folder}]: expected them and their landmarks as they were when the run began, got others; start the run again`,
    );
  }
  const planner = new CropPlanner(records, align.options);
  // Empty slices: nothing is fetched. The crop files lie beside them.
  await removeAbandoned(slicesRoot(storePath));
  const empty = new SliceWriter(slicesRoot(storePath), seal);
  await empty.finish(md5, 0);
  await removeAbandoned(join(slicesRoot(storePath), md5));
  const writer = new CropWriter(cropsRoot(storePath, md5, align), seal);
  try {
    let id = 0;
    for (const [nth, { file, faces: ofPhoto }] of faces.entries()) {
      const { original, size } = originals[nth] ?? { original: { path: file }, size: undefined };
      for (const [face, landmarks] of ofPhoto.entries()) {
        const crop = planner.plan({ landmarks, width: size?.width ?? 1, height: size?.height ?? 1 });
        await writer.add({ id: id++ as ImageId, output: outputName(file, face), original, crop });
      }
    }
    await writer.finish();
    await writeFolderCard(storePath, md5, request, seal);
  } finally {
    await writer.discard();
  }
  return { records, md5, bytes: 0 };
}

type Size = { readonly width: number; readonly height: number } | undefined;

async function readLandmarks(path: string): Promise<readonly PhotoFaces[]> {
  const { isFile, size } = await whatIs(path);
  if (!isFile) throw new ManifestError(`landmarks [file=${path}]: expected a file, got none`);
  if (size > MOST_BYTES)
    throw new ManifestError(`landmarks [file=${path}]: expected at most ${MOST_BYTES} bytes, got ${size}`);
  const parsed = parsePhotoLandmarks(basename(path), await readFile(path, 'utf8'));
  if ('error' in parsed) throw new ManifestError(parsed.error);
  return parsed.photos;
}

/** `<name>_<face>.png`, without the photograph's own ending. */
function outputName(file: string, face: number): string {
  return `${file.slice(0, file.length - extname(file).length)}_${face}.png`;
}

/** Two photographs whose results would lie in one place: `a.jpg` and `a.png`. */
function refuseSharedNames(photos: readonly PhotoFaces[], landmarks: string): void {
  const owners = new Map<string, string>();
  for (const { file, faces } of photos) {
    for (let face = 0; face < faces.length; face++) {
      const name = outputName(file, face);
      const other = owners.get(name);
      if (other !== undefined && other !== file) {
        throw new ManifestError(
          `landmarks [file=${landmarks}]: expected photographs with different results, got ${other} and ${file}, both for ${name}`,
        );
      }
      owners.set(name, file);
    }
  }
}

/**
 * Looks at what will be opened later, through links too. A photograph that is not there, that nobody may read, or that
 * is no picture becomes its faces' outcome when they are aligned.
 */
async function lookAtPhoto(folder: string, file: string, heartbeat: Heartbeat) {
  const path = join(folder, file);
  try {
    const { isFile, size } = await whatIs(path);
    if (!isFile) return unseen(file);
    const real = await realpath(path);
    const md5: Md5 = await md5OfFile(real, heartbeat.signal, (bytes) => heartbeat.addNotedBytes(bytes));
    return { file, original: { path: file, size, md5 }, size: await pictureSize(path) };
  } catch (error) {
    heartbeat.signal.throwIfAborted();
    if (fileFault(error) !== 'no-permission') throw error;
    return unseen(file);
  }
}

function unseen(file: string) {
  return { file, original: { path: file }, size: undefined };
}
