import type { ImageId, Md5 } from '../dataset/ids.ts';
import { canonicalPath } from '../dataset/layout.ts';
import { type ImageKind, imageKinds } from '../kinds.ts';
import { accountOf } from '../selection/author-key.ts';
import { licenseOf } from '../selection/licenses.ts';
import type { DescribedFile, DescribedRecord } from './described-record.ts';

/** Version of the rows' form. */
export const ROW_SCHEMA = 1;

/** Kind by its place; an empty path is FFHQ's own for the record. */
type FileCells = readonly [
  kind: number,
  path: string,
  size: number,
  md5: string,
  pixelMd5: string,
  width: number,
  height: number,
];

/** A record as the index keeps it: its words, and what cannot be told from them. */
export type IndexRow = readonly [
  id: number,
  position: number,
  category: string,
  title: string,
  author: string,
  photoUrl: string,
  country: string,
  license: string,
  licenseUrl: string,
  uploaded: string,
  crawled: string,
  files: readonly FileCells[],
];

export function rowOf(record: DescribedRecord): IndexRow {
  const { id, position, category, title, author, photoUrl, country, license, licenseUrl } = record;
  const files = record.files.map(({ kind, path, size, md5, pixelMd5, width, height }): FileCells => {
    const shortPath = path === canonicalPath(kind, id) ? '' : path;
    return [imageKinds.indexOf(kind), shortPath, size, md5, pixelMd5, width, height];
  });
  const { uploaded, crawled } = record;
  return [
    ...([id, position, category, title, author, photoUrl] as const),
    ...([country, license, licenseUrl, uploaded, crawled, files] as const),
  ];
}

/** The record of a row that {@link rowOf} made. */
export function recordOf(row: IndexRow): DescribedRecord {
  const [number, position, category, title, author, photoUrl, ...rest] = row;
  const [country, license, licenseUrl, uploaded, crawled, files] = rest;
  const id = number as ImageId;
  return {
    ...{ id, position, category, title, author, account: accountOf(photoUrl) ?? '', photoUrl },
    ...{ country, license, licenseUrl, licenseWord: licenseOf(licenseUrl), uploaded, crawled },
    files: files.map(([nth, path, size, md5, pixelMd5, width, height]): DescribedFile => {
      const kind = imageKinds[nth] as ImageKind;
      const own = path === '' ? canonicalPath(kind, id) : path;
      return { kind, path: own, size, md5: md5 as Md5, pixelMd5: pixelMd5 as Md5, width, height };
    }),
  };
}
