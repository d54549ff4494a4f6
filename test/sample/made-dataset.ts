import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished } from 'vitest';
import type { Sample } from '../../src/sample/folder/sample.ts';
import type { RecordFile, SampleRecord } from '../../src/sample/record/record.ts';

/** A folder that is gone after the test. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-sample-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function readManifest(sample: Sample): Promise<Record<string, SampleRecord>> {
  return JSON.parse(await readFile(sample.manifestPath, 'utf8'));
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Path and digest of every file, the manifest included: equal digests are equal bytes. */
export function digestsOf(sample: Sample): string[] {
  return [...sample.files.values()].map((file) => `${file.filePath} ${file.md5}`).sort();
}

/** The file that a record promises is there, served under its url's id, and is what the record says. */
export async function expectAsPromised(sample: Sample, file: RecordFile | undefined): Promise<void> {
  if (file === undefined) throw new Error('record: expected a file, got none');
  const served = sample.files.get(new URL(file.file_url).searchParams.get('id') ?? '');
  expect(served).toMatchObject({ filePath: file.file_path, size: file.file_size, md5: file.file_md5 });
  const bytes = await readFile(join(sample.folder, file.file_path));
  expect([bytes.length, md5(bytes)]).toEqual([file.file_size, file.file_md5]);
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([...file.pixel_size, 3]);
  expect(md5(data)).toBe(file.pixel_md5);
}

/** Types and data of a PNG's chunks. */
export function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

const metadataKeys = [
  'photo_url',
  'photo_title',
  'author',
  'country',
  'license',
  'license_url',
  'date_uploaded',
  'date_crawled',
];
const fileKeys = ['file_url', 'file_path', 'file_size', 'file_md5', 'pixel_size', 'pixel_md5'];

/** The real manifest's fields, in its order. */
export const recordKeys = {
  category: [] as string[],
  metadata: metadataKeys,
  image: [...fileKeys, 'face_landmarks'],
  thumbnail: fileKeys,
  in_the_wild: [...fileKeys, 'face_rect', 'face_landmarks', 'face_quad'],
};

/** Keys of a record and of its groups, as they stand in the file. */
export function keysOf(record: SampleRecord): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(record).map(([name, group]) => [
      name,
      typeof group === 'string' ? [] : Object.keys(group),
    ]),
  );
}
