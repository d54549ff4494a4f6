import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { LICENSE_FILE, MANIFEST_FILE } from '../../../src/domain/dataset/layout.ts';
import { describeSample, type Sample } from '../../../src/sample/folder/sample.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';
import { publishAligned } from '../../support/datasets/publish-aligned.ts';
import { serveSample } from '../../support/datasets/serve-dataset.ts';
import type { Ffhq } from './ffhq.ts';
import type { DatasetName } from './recording.ts';

/** Few and small, so that thousands of states are looked at in minutes; two folders of a thousand, as real ones have. */
const pictureIds = [0, 1, 2, 1000];
const faceIds = [0, 1, 1000];

/** Three ranges and a bit. */
const ARCHIVE_BYTES = 130_000;

export type Datasets = Readonly<Record<DatasetName, Sample>>;

/** `pictures` to be fetched, `faces` to be aligned, one `archive`; `root`: a folder for them all. */
export async function makeDatasets(root: string, ffhq: Ffhq): Promise<Datasets> {
  const pictures = await makeTinyDataset({
    folder: join(root, 'pictures/origin'),
    ids: pictureIds,
    noiseBits: 8,
    // Thumbnails come in one piece; the others in several chunks of 4 KiB.
    pngSize: { images: 48, thumbs: 16, wilds: 64 },
  });
  const faces = await makeFaces(join(root, 'faces'), ffhq);
  return { pictures, faces, archive: makeArchive(join(root, 'archive/origin')) };
}

/** Small originals are aligned once, and what comes of them is published in the place of the images. */
async function makeFaces(root: string, ffhq: Ffhq): Promise<Sample> {
  const tiny = await makeTinyDataset({
    folder: join(root, 'origin'),
    ids: faceIds,
    pngSize: { images: 16, thumbs: 16, wilds: 32 },
    noiseBits: 1,
  });
  const dataset = await serveSample(tiny, root);
  try {
    const words = ['run', ...alignWords(tiny, dataset.out)];
    const { code, output } = await ffhq.run(words, dataset.drive.origin, { ms: 120_000 });
    // Aligned and stored, but not what the manifest names.
    if (code !== 3) throw new Error(`faces: expected exit code 3, got ${code}\n${output}`);
    return await publishAligned(tiny, faceIds, join(dataset.out, 'realign1024x1024'));
  } finally {
    await dataset.drive.close();
    rmSync(dataset.out, { recursive: true, force: true });
  }
}

/** One file that comes in ranges; the manifest and the licence beside it are never asked for. */
function makeArchive(folder: string): Sample {
  const bytes = Buffer.from(Array.from({ length: ARCHIVE_BYTES }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
  const files = new Map([
    ['tfrecords/ffhq/ffhq-r00.tfrecords', bytes],
    [MANIFEST_FILE, Buffer.from('{}')],
    [LICENSE_FILE, Buffer.from('none')],
  ]);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const made = [...files].map(([filePath, content]) => ({
    filePath,
    size: content.length,
    md5: md5Of(content),
  }));
  return describeSample(folder, 'archive v1', 0, made);
}

/** Flags to fetch every picture in small steps. */
export function fetchWords(sample: Sample, out: string): string[] {
  return ['-i', '-t', '-w', ...wordsFor(sample, out)];
}

/** Flags to align every face. */
export function alignWords(sample: Sample, out: string): string[] {
  return ['--wilds', '--align', '--align_threads', '1', ...wordsFor(sample, out)];
}

function wordsFor(sample: Sample, out: string): string[] {
  return [
    ...['--out', out, '--reserve', '0', '--num_threads', '8', '--chunk_size', '4'],
    ...['--manifest', sample.manifestUrl, '--manifest-md5', sample.manifestMd5],
    ...['--license-url', sample.licenseUrl, '--output', 'json'],
  ];
}
