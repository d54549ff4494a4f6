/** Files that the reference script names itself (facts: NVlabs/ffhq-dataset `download_ffhq.py`, `json_spec`, `tfrecords_specs`, `license_specs`). */

import { kinds, type LargeFileKind, type TaskKind } from '../kinds.ts';
import type { FileSpec } from './file-spec.ts';
import type { Md5 } from './ids.ts';
import { MANIFEST_FILE } from './layout.ts';

export function driveUrl(id: string): string {
  return `https://drive.google.com/uc?id=${id}`;
}

/** A URL that leads a browser to the folder, and names the file beside. */
function driveEntryUrl(folder: string, name: string): string {
  return `https://drive.google.com/drive/folders/${folder}#${name}`;
}

export const officialManifest: LargeFileSpec = {
  kind: 'json',
  key: MANIFEST_FILE,
  url: driveUrl('16N0RV4fHI6joBuKbQAoG34V_cQk7vxSA'),
  path: MANIFEST_FILE,
  size: 267_793_842,
  md5: '425ae20f06a4da1d4dc0f46d40ba5fd6' as Md5,
};

/** In each file, all of one length: `3 * side * side` bytes and some. */
const RECORDS = 70_000;

const tfrecordRows = [
  ['r02', 6_860_000, '63e062160f1ef9079d4f51206a95ba39', '1LnhoytWihRRJ7CfhLQ76F8YxwxRDlZN3'],
  ['r03', 17_290_000, '54fb32a11ebaf1b86807cc0446dd4ec5', '1LWeKZGZ_x2rNlTenqsaTk8s7Cpadzjbh'],
  ['r04', 57_610_000, '7164cc5531f6828bf9c578bdc3320e49', '1Lr7Tiufr1Za85HQ18yg3XnJXstiI2BAC'],
  ['r05', 218_890_000, '050cc7e5fd07a1508eaa2558dafbd9ed', '1LnyiayZ-XJFtatxGFgYePcs9bdxuIJO_'],
  ['r06', 864_010_000, '90bedc9cc07007cd66615b2b1255aab8', '1Lt6UP201zHnpH8zLNcKyCIkbC-aMb5V_'],
  ['r07', 3_444_980_000, 'bff839e0dda771732495541b1aff7047', '1LwOP25fJ4xN56YpNCKJZM-3mSMauTxeb'],
  ['r08', 13_766_900_000, '74de4f07dc7bfb07c0ad4471fdac5e67', '1LxxgVBHWgyN8jzf8bQssgVOrTLE8Gv2v'],
  ['r09', 55_054_580_000, '05355aa457a4bd72709f74a81841b46d', '1M-ulhD5h-J7sqSy5Y1njUY_80LPcrv3V'],
  ['r10', 220_205_650_000, 'bf43cab9609ab2a27892fb6c2415c11b', '1M11BIdIpFCiapUqV658biPlaXsTRvYfM'],
] as const;

export const tfrecordFiles: readonly LargeFileSpec[] = tfrecordRows.map(([level, size, md5, id]) => ({
  kind: 'tfrecords',
  key: `ffhq-${level}`,
  url: driveUrl(id),
  path: `${kinds.tfrecords.folder}/ffhq-${level}.tfrecords`,
  size,
  md5: md5 as Md5,
  recordBytes: size / RECORDS,
}));

/** What a file that comes by byte ranges must be: its size says where it ends, its MD5 whether it is right. */
export type LargeFileSpec = FileSpec & { readonly size: number; readonly md5: Md5 };

/** The folder of archives on Drive, where whoever may list it finds those that nobody published an id of. */
const ZIPS_FOLDER = '1WocxvZ4GEZ1DI8dOz30aSj2zT6pkATYS';

const zipRows = [
  [
    'images1024x1024',
    95_781_155_300,
    '5fa9a55f3508a8c6cf6be53ebe7acfc7',
    '1WvlAIvuochQn_L_f9p3OdFdTiSLlnnhv',
  ],
  [
    'thumbnails128x128',
    2_114_632_904,
    'cf783275055f3f45a030101b6db4a3be',
    '1Wrr6qZA1Tr6r9edNL2nSxnwopMW1n6pR',
  ],
  ['in-the-wild-images', 1_025_464_155_937, '830931006328473af8748a479b5dde43', undefined],
  ['tfrecords', 293_636_774_096, 'f6e7571a66339b952e5938a2b0537f5e', undefined],
] as const;

export const zipFiles: readonly LargeFileSpec[] = zipRows.map(([name, size, md5, id]) => ({
  kind: 'zips',
  key: `${name}.zip`,
  url: id === undefined ? driveEntryUrl(ZIPS_FOLDER, `${name}.zip`) : driveUrl(id),
  path: `${kinds.zips.folder}/${name}.zip`,
  size,
  md5: md5 as Md5,
}));

/** What a workflow says of one. Where it comes from and what it must be only this table knows. */
export type LargeFileRef = Pick<LargeFileSpec, 'kind' | 'key' | 'path' | 'size'>;

/** By kind, the files that come by byte ranges. */
export const largeFiles: Readonly<Record<LargeFileKind, readonly LargeFileSpec[]>> = {
  tfrecords: tfrecordFiles,
  zips: zipFiles,
};

/** Every file that may come by byte ranges: a worker fetches no others so. The official manifest is large enough for them. */
export const rangeFiles: readonly LargeFileSpec[] = [officialManifest, ...Object.values(largeFiles).flat()];

export function refTo({ kind, key, path, size }: LargeFileSpec): LargeFileRef {
  return { kind, key, path, size };
}

/** The reference's licence text: the same in every folder. */
export const officialLicense = { size: 1_610, md5: '724f3831aaecd61a84fe98500079abc2' as Md5 };

/** Known totals of the official dataset, for a plan without a manifest at hand (facts: README, binary units; section 5). */
export const officialTotals: Readonly<
  Record<TaskKind, { readonly files: number; readonly approximateBytes: number }>
> = {
  images: { files: 70_000, approximateBytes: 95_700_000_000 },
  thumbs: { files: 70_000, approximateBytes: 2_094_000_000 },
  wilds: { files: 70_000, approximateBytes: 1_025_400_000_000 },
  tfrecords: { files: 9, approximateBytes: 293_636_770_000 },
  zips: { files: 4, approximateBytes: 1_416_996_718_237 },
  align: { files: 70_000, approximateBytes: 95_700_000_000 },
};
