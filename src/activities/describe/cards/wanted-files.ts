import { askedFiles, type ZipsRequest } from '../../../domain/dataset/asked-files.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { folderOf } from '../../../domain/dataset/ids.ts';
import { alignedPath, LICENSE_FILE, NO_FOLDER } from '../../../domain/dataset/layout.ts';
import { type ImageKind, imageKinds, kinds, type LargeFileKind } from '../../../domain/kinds.ts';
import type { DescribedFile, DescribedRecord } from '../../../domain/rights/described-record.ts';
import type { WantedFile } from './known-files.ts';

/** A record that is described, and which of its files lie in the folder. */
export interface PresentRecord extends DescribedRecord {
  readonly present: readonly ImageKind[];
}

/** What a file of a record must be; a picture that was taken by its pixels is right too. */
function specOf({ id }: DescribedRecord, file: DescribedFile): FileSpec {
  const { kind, path, size, md5, pixelMd5, width, height } = file;
  return {
    ...{ kind, key: String(id), url: '', path, size, md5 },
    pixels: { width, height, md5: pixelMd5 },
    accepts: 'pixels',
  };
}

/** Files of a record that lie there, and its aligned pictures where they may lie. */
export function picturesOf(
  record: PresentRecord,
  wanted: { readonly kinds: readonly ImageKind[]; readonly aligned: readonly string[] },
): readonly WantedFile[] {
  const { id, position, present, files } = record;
  const own = files
    .filter(({ kind }) => wanted.kinds.includes(kind) && present.includes(kind))
    .map(
      (file): WantedFile => ({
        ...{ kind: file.kind, group: folderOf(id), path: file.path },
        spec: specOf(record, file),
      }),
    );
  const aligned = wanted.aligned.map(
    (folder): WantedFile => ({
      kind: 'align',
      group: folderOf(id),
      path: alignedPath(folder, position),
    }),
  );
  return [...own, ...aligned];
}

const large: readonly LargeFileKind[] = ['tfrecords', 'zips'];

/** TFRecords and archives: of the dataset as a whole. */
export function largeFilesOf(zips: ZipsRequest | undefined): readonly WantedFile[] {
  return large.flatMap((kind) =>
    askedFiles(kind, zips === undefined ? {} : { zips }).map(
      (spec): WantedFile => ({ kind, group: NO_FOLDER, path: spec.path, spec }),
    ),
  );
}

/** Licence texts, of the folder and of each kind. */
export function licenseTexts(aligned: readonly string[]): readonly WantedFile[] {
  const folders = [...imageKinds.map((kind) => kinds[kind].folder), kinds.tfrecords.folder, ...aligned];
  return [LICENSE_FILE, ...folders.map((folder) => `${folder}/${LICENSE_FILE}`)].map((path) => ({
    kind: 'licenses',
    group: NO_FOLDER,
    path,
  }));
}
