import { makeSample } from '../../sample/make-sample.ts';
import { closeCacheFolder } from '../../server/cli/cache-folder.ts';
import { startDriveStandIn } from '../../stand-in/drive-stand-in.ts';
import { fileOnDisk } from '../../stand-in/files.ts';

import type { ServedSample } from '../context/services.ts';

/** Makes the sample in the user's cache (once) and serves it on loopback, as Google Drive would. */
export async function serveSample(options: {
  readonly cacheDir: string;
  readonly onProgress: (line: string) => void;
}): Promise<ServedSample> {
  const { cacheDir, onProgress } = options;
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
  const files = new Map(
    [...sample.files].map(([id, { path, filePath, name, size }]) => [
      id,
      fileOnDisk(path, size, { name, path: filePath }),
    ]),
  );
  const drive = await startDriveStandIn({ files });
  return {
    origin: drive.origin,
    manifestUrl: sample.manifestUrl,
    manifestMd5: sample.manifestMd5,
    licenseUrl: sample.licenseUrl,
    close: () => drive.close(),
  };
}
