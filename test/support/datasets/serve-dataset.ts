import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import type { AlignRequest, RunRequest } from '../../../src/domain/run/request.ts';
import type { Sample } from '../../../src/sample/folder/sample.ts';
import { makeTinyDataset, type TinyDatasetOptions } from '../../../src/sample/make-tiny-dataset.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOnDisk, type StandInFile, type StandInFiles } from '../../../src/stand-in/files.ts';
import { requestOf } from '../request-of.ts';
import { makeFaces } from './made-faces.ts';

/** A small dataset, served by a stand-in for Drive, and an empty folder for it to arrive in. */
export interface ServedDataset {
  readonly sample: Sample;
  readonly drive: DriveStandIn;
  /** What the stand-in serves, by Drive id: for another one in its place. */
  readonly files: StandInFiles;
  readonly out: string;
  /** Everything of it, from Drive. */
  readonly request: RunRequest;
  /** Drive id of a path of the dataset. */
  idOf(path: string): string;
  /** How often the bytes of a file were asked for. */
  fetches(path: string): number;
  close(): Promise<void>;
}

export async function serveDataset(
  options: Omit<TinyDatasetOptions, 'folder'>,
  request: Partial<RunRequest> = {},
): Promise<ServedDataset> {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-'));
  const sample = await makeTinyDataset({ ...options, folder: join(root, 'origin') });
  return serveSample(sample, root, { kinds: options.kinds ?? ['images', 'thumbs', 'wilds'], ...request });
}

/** Faces that can be aligned: four of them, of three photographs, in two folders (ids 0, 1, 2 and 1000). */
export async function serveFaces(request: Partial<RunRequest> = {}): Promise<ServedDataset> {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-'));
  const sample = await makeFaces(join(root, 'origin'), 4);
  return serveSample(sample, root, request);
}

/** The request to align as the published pictures were. */
export const alignByDefault: AlignRequest = {
  options: defaultAlignOptions,
  folder: 'realign1024x1024',
  fileIdentical: false,
  discardOriginals: false,
};

/** Serves a dataset that is there already; `root` is removed on closing, and the files are to arrive in `root/out`. */
export async function serveSample(
  sample: Sample,
  root: string,
  request: Partial<RunRequest> = {},
): Promise<ServedDataset> {
  const files = new Map<string, StandInFile>();
  const ids = new Map<string, string>();
  for (const [id, file] of sample.files) {
    ids.set(file.filePath, id);
    files.set(id, fileOnDisk(file.path, file.size, { name: file.name, path: file.filePath }));
  }
  const drive = await startDriveStandIn({ files });
  const idOf = (path: string): string => {
    const id = ids.get(path);
    if (id === undefined) throw new Error(`dataset [path=${path}]: expected a file of it`);
    return id;
  };
  return {
    sample,
    drive,
    files,
    out: join(root, 'out'),
    request: requestOf({
      kinds: ['images', 'thumbs', 'wilds'],
      manifest: { name: 'other', location: sample.manifestUrl, md5: sample.manifestMd5 },
      license: { name: 'url', url: sample.licenseUrl },
      ...request,
    }),
    idOf,
    fetches: (path) => {
      const id = idOf(path);
      return drive.requests.filter(({ file, answer }) => file === id && answer === 'file').length;
    },
    close: async () => {
      await drive.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
