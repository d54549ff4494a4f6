import { kindFolders } from '../../domain/dataset/layout.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { Sample } from '../../sample/folder/sample.ts';
import { makeSample } from '../../sample/make-sample.ts';
import { makeWebps } from '../../sample/make-webps.ts';
import { makeZips } from '../../sample/make-zips.ts';
import { sampleId } from '../../sample/record/sample-id.ts';
import { closeCacheFolder } from '../../server/cli/cache-folder.ts';
import { archivesOf } from '../../stand-in/archives/archives-of.ts';
import { tarOf } from '../../stand-in/archives/tar-of.ts';
import { type DriveStandIn, startDriveStandIn } from '../../stand-in/drive-stand-in.ts';
import { fileOnDisk, type StandInFile, type StandInFiles } from '../../stand-in/files.ts';
import { canReencode, serveAs } from '../../stand-in/served/serve-as.ts';

import type { ServedSample } from '../context/services.ts';

/** A quota ends before the run asks again, and both within what a newcomer looks at. */
const QUOTA_S = 8;
const QUOTA_WAIT_S = 10;

/** Makes the sample in the user's cache (once) and serves it on loopback, as Google Drive would. */
export async function serveSample(options: {
  readonly cacheDir: string;
  readonly quota: boolean;
  /** By which sources the files come. */
  readonly sources: readonly SourceRequest[];
  /** A source that can have the pictures in another encoding has them so. */
  readonly otherEncoding: boolean;
  /** Its folders are served as archives too. */
  readonly zips: boolean;
  readonly onProgress: (line: string) => void;
}): Promise<ServedSample> {
  const { cacheDir, quota, sources, otherEncoding, zips, onProgress } = options;
  // What the sample's folder says of itself is believed and cleared away.
  const { folder } = closeCacheFolder(cacheDir, ['sample'], onProgress);
  let isNew = false;
  const sample = await makeSample({
    folder,
    onProgress: (done, total) => {
      isNew = true;
      if (done === total) onProgress(`made a sample dataset of ${total} records`);
    },
  });
  if (!isNew) onProgress(`sample dataset of ${sample.records} records, made before`);
  const archives = zips
    ? await makeZips(sample, closeCacheFolder(cacheDir, ['sample-zips'], onProgress).folder)
    : undefined;
  const files = new Map(
    [...sample.files, ...(archives?.files ?? [])].map(([id, { path, filePath, name, size }]) => [
      id,
      fileOnDisk(path, size, { name, path: filePath }),
    ]),
  );
  for (const archive of sampleArchives(sample)) files.set(archiveId(archive.name), archive);
  const drive = await startDriveStandIn({ files });
  if (quota) putUnderQuota(drive, sample, onProgress);
  const isReencoded = otherEncoding && sources.some(({ name }) => canReencode(name));
  const reencoded = isReencoded
    ? await reencodedFiles(
        sample,
        closeCacheFolder(cacheDir, ['sample-webps'], onProgress).folder,
        onProgress,
      )
    : undefined;
  const served = (await Promise.all(sources.map((one) => serveAs(one, files, reencoded)))).flatMap(
    (one) => one ?? [],
  );
  for (const { said } of served) onProgress(said);
  if (served.length > 0 && sources.length > 1) takeSomeAway(drive, sample, onProgress);
  return {
    origin: drive.origin,
    manifestUrl: sample.manifestUrl,
    manifestMd5: sample.manifestMd5,
    licenseUrl: sample.licenseUrl,
    urlOf: (name) => driveUrl(archiveId(name)),
    ...(archives === undefined ? {} : { zips: archives.zips }),
    quotaWaitSeconds: quota ? QUOTA_WAIT_S : undefined,
    served:
      served.length === 0
        ? undefined
        : {
            sources: served.map(({ source }) => source),
            allowedHosts: served.flatMap(({ allowedHosts }) => allowedHosts),
            env: Object.assign({}, ...served.map(({ env }) => env)),
          },
    close: async () => {
      await Promise.all(served.map((one) => one.close()));
      await drive.close();
    },
  };
}

/** The sample's pictures once more, as members of archives that lie on its Drive. */
function sampleArchives({ files }: Sample): readonly StandInFile[] {
  const members = [...files.values()]
    .filter(({ filePath }) => filePath.endsWith('.png'))
    .map(({ path, filePath, name, size }) => ({
      ...fileOnDisk(path, size, { name }),
      name: `ffhq/${filePath}`,
    }));
  return archivesOf(members, 'sample');
}

/**
 * Pictures and thumbnails as lossless WebPs, in the places of the PNGs; the pictures also in tars of a thousand numbers each.
 * The originals stay what they are: a source may have both.
 */
async function reencodedFiles(
  sample: Sample,
  folder: string,
  onProgress: (line: string) => void,
): Promise<StandInFiles> {
  onProgress('lossless WebPs of the pictures: made once, some seconds');
  const { images, thumbs } = kindFolders;
  const made = await makeWebps(
    sample,
    (path) => path.endsWith('.png') && [images, thumbs].some((one) => path.startsWith(`${one}/`)),
    folder,
  );
  const files = new Map<string, StandInFile>();
  const tars = new Map<string, (StandInFile & { readonly name: string })[]>();
  for (const { id, webp } of made) {
    const { filePath = '' } = sample.files.get(id) ?? {};
    const file = fileOnDisk(webp.path, webp.size, { name: webp.name, path: filePath, etag: `"${webp.md5}"` });
    files.set(id, file);
    const [kind, group = ''] = filePath.split('/');
    if (kind === images) tars.set(group, [...(tars.get(group) ?? []), file]);
  }
  for (const [group, members] of tars) {
    const path = `${group}.tar`;
    files.set(archiveId(path), tarOf(members, { name: path, path, etag: `"${sample.manifestMd5}"` }));
  }
  return files;
}

function archiveId(name: string): string {
  return sampleId('archives', name);
}

/** What one source has not, another one gives. */
function takeSomeAway(drive: DriveStandIn, { files }: Sample, onProgress: (line: string) => void): void {
  const pictures = [...files].filter(([, { filePath }]) => filePath.endsWith('.png'));
  for (const [nth, [id]] of pictures.entries()) if (nth % 3 === 0) drive.behave(id, { kind: 'missing' });
  onProgress('a Drive that lacks every third picture: what one source has not comes from the next');
}

/** The first picture of each kind is refused, from the first time that it is asked for. */
function putUnderQuota(drive: DriveStandIn, { files }: Sample, onProgress: (line: string) => void): void {
  const kinds = new Set<string>();
  for (const [id, { filePath }] of files) {
    const [kind = ''] = filePath.split('/');
    if (!filePath.endsWith('.png') || kinds.has(kind)) continue;
    kinds.add(kind);
    drive.behave(id, { kind: 'quota', forMs: QUOTA_S * 1000 });
  }
  onProgress(
    `the first picture of each kind, if it is not there already, is over its quota for ${QUOTA_S} s; the run waits for it, ` +
      `some ${QUOTA_WAIT_S} s here, an hour and more where Google says no`,
  );
}
