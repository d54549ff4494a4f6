import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SampleRecord } from '../../src/sample/record/record.ts';
import { writeScaleManifest } from '../../src/sample/write-scale-manifest.ts';
import { freshFolder, keysOf, md5, recordKeys } from './made-dataset.ts';

test('as many whole records are written as asked for, about as large as the real ones', async () => {
  const path = join(await freshFolder(), 'manifest.json');
  const written = await writeScaleManifest({ path, records: 400 });
  const bytes = await readFile(path);
  expect(written).toEqual({ path, records: 400, bytes: bytes.length, md5: md5(bytes) });
  const records: Record<string, SampleRecord> = JSON.parse(bytes.toString());
  expect(Object.keys(records)).toEqual(Array.from({ length: 400 }, (_, id) => `${id}`));
  for (const record of Object.values(records)) expect(keysOf(record)).toEqual(recordKeys);
  expect(bytes.length / 400).toBeGreaterThan(3_600);
  expect(bytes.length / 400).toBeLessThan(4_200);
});

test('urls, paths and digests are all different', async () => {
  const path = join(await freshFolder(), 'manifest.json');
  await writeScaleManifest({ path, records: 500 });
  const text = await readFile(path, 'utf8');
  for (const field of ['file_url', 'file_path', 'file_md5', 'pixel_md5']) {
    const values = [...text.matchAll(new RegExp(`"${field}": "([^"]+)"`, 'g'))].map((match) => match[1]);
    expect(values).toHaveLength(1500);
    expect(new Set(values).size).toBe(1500);
  }
});

test('the manifest is the same for the same seed, and holds the ids and kinds asked for', async () => {
  const folder = await freshFolder();
  const write = (name: string, seed: number) =>
    writeScaleManifest({ path: join(folder, name), ids: [5, 60_000], kinds: ['images'], seed });
  const first = await write('first', 1);
  expect((await write('again', 1)).md5).toBe(first.md5);
  expect((await write('other', 2)).md5).not.toBe(first.md5);
  const records: Record<string, SampleRecord> = JSON.parse(await readFile(first.path, 'utf8'));
  expect(Object.entries(records).map(([key, { category }]) => [key, category])).toEqual([
    ['5', 'training'],
    ['60000', 'validation'],
  ]);
  expect(Object.keys(records['5'] ?? {})).toEqual(['category', 'metadata', 'image']);
});

test('a writer that is stopped leaves nothing behind', async () => {
  const folder = await freshFolder();
  const path = join(folder, 'manifest.json');
  await writeScaleManifest({ path, records: 1 });
  const before = await readFile(path);
  const signal = AbortSignal.abort(new Error('stopped by the test'));
  await expect(writeScaleManifest({ path, records: 100, signal })).rejects.toThrow('stopped by the test');
  expect(await readFile(path)).toEqual(before);
});
