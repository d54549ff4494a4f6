import { onTestFinished } from 'vitest';
import type { Source } from '../../../../../src/activities/sources/contract/source.ts';
import {
  type GoogleAccess,
  makeSourceBook,
  type SourceBook,
} from '../../../../../src/activities/sources/source-book.ts';
import { md5Of } from '../../../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../../../src/domain/dataset/file-spec.ts';
import type { ApiOptions } from '../../../../../src/stand-in/api-host.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../../src/stand-in/drive-stand-in.ts';
import { type FileLabel, fileOfBytes } from '../../../../../src/stand-in/files.ts';
import { bytes, file as picture } from '../picture-on-drive.ts';

/** As long and as made as Google's are. */
export const KEY = 'AIzaPlantedKeyPlantedKeyPlantedKey0123x';

export { bytes };

/** The picture of the other tests of Drive, with its digest, as a manifest names it. */
export const file: FileSpec = { ...picture, md5: md5Of(bytes) };

export interface ApiDrive {
  readonly standIn: DriveStandIn;
  readonly book: SourceBook;
  readonly source: Source;
}

/** A worker with an API key in front of a stand-in; both end with the test. */
export async function apiDrive({
  api,
  env = { FFHQ_GOOGLE_API_KEY: KEY },
  google,
  now,
  label = { name: '00042.png', path: file.path },
}: {
  readonly api?: ApiOptions;
  readonly env?: Readonly<Record<string, string>>;
  readonly google?: GoogleAccess;
  readonly now?: () => number;
  readonly label?: FileLabel;
} = {}): Promise<ApiDrive> {
  const standIn = await startDriveStandIn({
    files: new Map([
      ['id42', fileOfBytes(bytes, label)],
      ['own42', fileOfBytes(bytes, label)],
      ['other42', fileOfBytes(bytes.subarray(1), { name: label.name })],
    ]),
    ...(api === undefined ? {} : { api }),
    ...(now === undefined ? {} : { now }),
  });
  const book = makeSourceBook({
    ...{ connections: 8, googleOrigin: standIn.origin, env, timeouts: { headers: 300, bodyIdle: 300 } },
    ...(google === undefined ? {} : { google }),
  });
  onTestFinished(async () => {
    await book.close();
    await standIn.close();
  });
  return { standIn, book, source: await book.open({ name: 'google-drive' }, []) };
}
