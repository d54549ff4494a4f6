import { basename } from 'node:path';
import type { Folder, ImageId } from '../../../src/domain/dataset/ids.ts';
import { folderOf } from '../../../src/domain/dataset/ids.ts';
import {
  alignedPath,
  canonicalPath,
  kindFolders,
  MANIFEST_FILE,
} from '../../../src/domain/dataset/layout.ts';
import { driveUrl, type LargeFileSpec } from '../../../src/domain/dataset/reference-files.ts';
import { isShardKind } from '../../../src/domain/kinds.ts';
import { listed } from '../../../src/domain/run/listed-files.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { ShardRef } from '../../../src/domain/run/workflow-inputs.ts';
import type { Sample } from '../../../src/sample/folder/sample.ts';

/** One file that a dataset folder must hold at the end. */
export interface WantedFile {
  readonly md5: string;
  /** An original that may be gone, once this picture is right. */
  readonly mayBeGoneFor?: string;
}

/** What a request wants on the disk, by path. */
export function wantedFiles(sample: Sample, request: RunRequest): ReadonlyMap<string, WantedFile> {
  const md5s = new Map([...sample.files.values()].map(({ filePath, md5 }) => [filePath, md5]));
  const md5Of = (path: string): string => {
    const md5 = md5s.get(path);
    if (md5 === undefined) throw new Error(`dataset [path=${path}]: expected a file of it`);
    return md5;
  };
  const wanted = new Map<string, WantedFile>();
  if (request.manifest.name === 'other') wanted.set(MANIFEST_FILE, { md5: sample.manifestMd5 });
  const archive = archiveOf(sample);
  if (request.kinds.includes('tfrecords') && archive) wanted.set(archive.path, archive);
  for (const { path } of listed.licenses.files(request)) wanted.set(path, { md5: md5Of('LICENSE.txt') });
  for (const { kind, ids } of shardsOf(sample, request)) {
    for (const id of ids) {
      const picture = pathOf(kind, id, sample, request);
      const original = kind === 'wilds' && request.align?.discardOriginals;
      wanted.set(picture, {
        // Aligned pictures are what this dataset has published as its images.
        md5: md5Of(canonicalPath(kind === 'align' ? 'images' : kind, id)),
        ...(original ? { mayBeGoneFor: pathOf('align', id, sample, request) } : {}),
      });
    }
  }
  return wanted;
}

/** Every thousand-folder of a request with its records. */
export function shardsOf(
  sample: Sample,
  request: RunRequest,
): (ShardRef & { readonly ids: readonly ImageId[] })[] {
  const folders = new Map<Folder, ImageId[]>();
  for (const id of idsOf(sample)) folders.set(folderOf(id), [...(folders.get(folderOf(id)) ?? []), id]);
  return request.kinds.flatMap((kind) =>
    isShardKind(kind) ? [...folders].map(([folder, ids]) => ({ kind, folder, ids })) : [],
  );
}

/** Where the picture of a record lies. */
export function pathOf(kind: ShardRef['kind'], id: ImageId, sample: Sample, request: RunRequest): string {
  if (kind !== 'align') return canonicalPath(kind, id);
  return alignedPath(request.align?.folder ?? '', idsOf(sample).indexOf(id));
}

/** Ascending, as the manifest has them. */
function idsOf(sample: Sample): ImageId[] {
  return [...sample.files.values()]
    .filter(({ filePath }) => filePath.startsWith(`${kindFolders.wilds}/`) && filePath.endsWith('.png'))
    .map(({ name }) => Number.parseInt(name, 10) as ImageId)
    .sort((a, b) => a - b);
}

/** The one archive of a dataset that has one, as a run plans it. */
export function archiveOf(sample: Sample): LargeFileSpec | undefined {
  const [id, file] = [...sample.files].find(([, { filePath }]) => filePath.endsWith('.tfrecords')) ?? [];
  if (id === undefined || file === undefined) return undefined;
  const { filePath: path, size, md5 } = file;
  return { kind: 'tfrecords', key: basename(path, '.tfrecords'), url: driveUrl(id), path, size, md5 };
}
