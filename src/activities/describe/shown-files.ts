import { basename, dirname, join } from 'node:path';
import { faceFrame, frameSize, quadAbout } from '../../domain/align/crop-quad.ts';
import { facePoints } from '../../domain/align/landmarks.ts';
import { folderOf, type ImageId } from '../../domain/dataset/ids.ts';
import { alignedPath, MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { kinds, type ShardKind } from '../../domain/kinds.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import type { Place, ShownCrop, ShownFile } from '../../domain/rights/show/shown-record.ts';
import { discardOf, knownOf, type VerificationRecord } from '../../domain/verify/verification-record.ts';
import { atFile, pathIn } from '../folders/held-folder.ts';
import { readManifestRecords } from '../manifest/manifest-records.ts';
import type { Seal } from '../records/seal.ts';
import { VerifiedLog } from '../records/verified-records.ts';
import { reportedFailures } from '../report/report-files.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';

/** What the folder has of a record's files, and what runs said of them. Nothing is hashed. */
export async function shownFiles(
  out: string,
  record: DescribedRecord,
  seal: Seal | undefined,
): Promise<readonly ShownFile[]> {
  const files: ShownFile[] = [];
  for (const { kind, path, ...expected } of record.files) {
    const { size, md5, pixelMd5, width, height } = expected;
    files.push(
      await shownFile(out, record.id, { kind, path, expected: { size, md5, pixelMd5, width, height } }, seal),
    );
  }
  const aligned = { kind: 'align', path: alignedPath(kinds.align.folder, record.position) } as const;
  const shown = await shownFile(out, record.id, aligned, seal);
  // Few ask for it: that it is not there goes without saying.
  if (shown.place !== 'missing' || shown.failure !== undefined) files.push(shown);
  const failures = await reportedFailures(out, new Set(files.map(({ path }) => path)));
  return files.map((file) => {
    const failure = file.place === 'there' ? undefined : failures.get(file.path);
    return failure === undefined ? file : { ...file, failure };
  });
}

async function shownFile(
  out: string,
  id: ImageId,
  file: Pick<ShownFile, 'path' | 'expected'> & { readonly kind: ShardKind },
  seal: Seal | undefined,
): Promise<ShownFile> {
  const info = await unlessAway(() => atFile(pathIn(out, file.path), lstatIfThere));
  const records = seal === undefined ? undefined : await recordsOf(out, id, file, seal);
  const discarded = discardOf(records)?.at;
  if (info === undefined)
    return { ...file, place: 'missing', ...(discarded === undefined ? {} : { discarded }) };
  if (!info.isFile()) return { ...file, place: 'no file' };
  const there = onDisk(info);
  const known = knownOf(records, there);
  const isOther =
    file.expected !== undefined &&
    file.expected.size !== there.size &&
    !(known !== undefined && 'accepted' in known && known.accepted !== undefined);
  const place: Place = isOther ? 'other size' : 'there';
  return { ...file, place, size: there.size, ...(known === undefined ? {} : { known }) };
}

/** Noted by the thousand-folder of the record; an original that records share, by that of its path. */
async function recordsOf(
  out: string,
  id: ImageId,
  { kind, path }: { readonly kind: ShardKind; readonly path: string },
  seal: Seal,
): Promise<readonly VerificationRecord[] | undefined> {
  const log = new VerifiedLog('', seal);
  for (const group of new Set<string>([folderOf(id), basename(dirname(path))])) {
    const records = (await log.read(out, kind, group)).get(path);
    if (records !== undefined) return records;
  }
  return undefined;
}

async function unlessAway<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Where the face of a record lies in its original, by the landmarks of the manifest; they are in no index. */
export async function cropOf(out: string, id: ImageId, signal: AbortSignal): Promise<ShownCrop | undefined> {
  for await (const { key, value } of readManifestRecords(join(out, MANIFEST_FILE), signal)) {
    if (key !== String(id)) continue;
    const original = (value as { readonly in_the_wild?: { readonly face_landmarks?: unknown } }).in_the_wild;
    const points = facePoints(original?.face_landmarks);
    if (points === undefined) return undefined;
    const frame = faceFrame(points, true);
    const side = frameSize(frame);
    return side > 0 ? { quad: quadAbout(frame.centre, frame.half), side } : undefined;
  }
  return undefined;
}
