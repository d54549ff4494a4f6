import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import { alignedPath } from '../../src/domain/dataset/layout.ts';
import { driveUrl, type LargeFileSpec } from '../../src/domain/dataset/reference-files.ts';
import { kinds } from '../../src/domain/kinds.ts';
import type { Sample } from '../../src/sample/folder/sample.ts';
import { makeSample } from '../../src/sample/make-sample.ts';
import { makeTinyDataset } from '../../src/sample/make-tiny-dataset.ts';
import { Random } from '../../src/sample/random/random.ts';
import { fileOfBytes, fileOnDisk, type StandInFile } from '../../src/stand-in/files.ts';

/** How much of everything. */
export interface Amounts {
  /** Records whose original is fetched, aligned and discarded. */
  readonly faces: number;
  /** Records with an image and a thumbnail. */
  readonly pictures: number;
  readonly archiveBytes: number;
}

/** One command and what it must bring about. */
export interface Job {
  readonly name: 'faces' | 'pictures';
  readonly sample: Sample;
  readonly flags: readonly string[];
  /** Paths under the job's folder with the MD5 that each must have. */
  readonly expected: ReadonlyMap<string, Md5>;
  /** Paths that must be gone: originals that have served. */
  readonly gone: readonly string[];
}

/** Everything that the origin has. */
export interface Collection {
  readonly files: ReadonlyMap<string, StandInFile>;
  readonly jobs: readonly Job[];
  readonly archive: LargeFileSpec;
  /** Where a file arrives, by its Drive id: a job's name and the path in its folder. */
  readonly places: ReadonlyMap<string, string>;
}

const ARCHIVE_ID = '1ChaosArchiveChaosArchiveChaosArch';

/** Made once; a folder that holds it already is only read. */
export async function makeCollection(folder: string, amounts: Amounts): Promise<Collection> {
  const faces = await makeSample({ folder: join(folder, `faces-${amounts.faces}`), records: amounts.faces });
  const pictures = await makeTinyDataset({
    folder: join(folder, `pictures-${amounts.pictures}`),
    records: amounts.pictures,
    kinds: ['images', 'thumbs'],
    pngSize: { images: 96, thumbs: 32 },
    noiseBits: 6,
  });
  const jobs = [facesJob(faces), picturesJob(pictures)];
  const files = new Map<string, StandInFile>();
  const places = new Map<string, string>();
  for (const job of jobs)
    for (const [id, { path, size, name, filePath }] of job.sample.files) {
      files.set(id, fileOnDisk(path, size, { name, path: filePath }));
      places.set(id, `${job.name}/${filePath}`);
    }
  const bytes = archiveOf(amounts.archiveBytes);
  const archive = archiveSpec(bytes);
  files.set(ARCHIVE_ID, fileOfBytes(bytes, { name: 'ffhq-r02.tfrecords' }));
  places.set(ARCHIVE_ID, `archive/${archive.path}`);
  return { files, jobs, archive, places };
}

function facesJob(sample: Sample): Job {
  const made = [...sample.files.values()];
  const gone = made.map(({ filePath }) => filePath).filter((path) => isOriginal(path));
  const expected = new Map(
    made.filter(({ filePath }) => !isOriginal(filePath)).map(({ filePath, md5 }) => [filePath, md5]),
  );
  const md5s = new Map(made.map(({ filePath, md5 }) => [filePath, md5]));
  const records = JSON.parse(readFileSync(sample.manifestPath, 'utf8')) as Record<
    string,
    { image: { file_path: string } }
  >;
  // The reference numbers what it aligns by the record's place in the manifest.
  for (const [position, { image }] of Object.values(records).entries())
    expected.set(alignedPath(kinds.align.folder, position), md5s.get(image.file_path) as Md5);
  const flags = ['-i', '-t', '-w', '-a', '--discard-originals', '--file-identical'];
  return { name: 'faces', sample, flags, expected, gone };
}

function isOriginal(path: string): boolean {
  return path.startsWith(`${kinds.wilds.folder}/`) && path.endsWith('.png');
}

function picturesJob(sample: Sample): Job {
  const expected = new Map([...sample.files.values()].map(({ filePath, md5 }) => [filePath, md5]));
  return { name: 'pictures', sample, flags: ['-i', '-t'], expected, gone: [] };
}

function archiveOf(size: number): Uint8Array {
  const random = new Random(size);
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let at = 0; at < words.length; at++) words[at] = random.bits();
  return new Uint8Array(words.buffer, 0, size);
}

function archiveSpec(bytes: Uint8Array): LargeFileSpec {
  const md5 = createHash('md5').update(bytes).digest('hex') as Md5;
  const path = `${kinds.tfrecords.folder}/ffhq-r02.tfrecords`;
  return { kind: 'tfrecords', key: 'ffhq-r02', url: driveUrl(ARCHIVE_ID), path, size: bytes.length, md5 };
}
