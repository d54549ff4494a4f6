import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SampleRecord } from '../../src/sample/record.ts';
import { writeScaleManifest } from '../../src/sample/write-scale-manifest.ts';
import { freshFolder, keysOf, md5, recordKeys } from './made-dataset.ts';

it('writes as many whole records as asked for, about as large as the real ones', async () => {
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

it('has urls, paths and digests that are all different', async () => {
  const path = join(await freshFolder(), 'manifest.json');
  await writeScaleManifest({ path, records: 500 });
  const text = await readFile(path, 'utf8');
  for (const field of ['file_url', 'file_path', 'file_md5', 'pixel_md5']) {
    const values = [...text.matchAll(new RegExp(`"${field}": "([^"]+)"`, 'g'))].map((match) => match[1]);
    expect(values).toHaveLength(1500);
    expect(new Set(values).size).toBe(1500);
  }
});

it('is the same for the same seed, and takes ids and kinds', async () => {
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

it('leaves nothing behind when it is stopped', async () => {
  const folder = await freshFolder();
  const path = join(folder, 'manifest.json');
  await writeScaleManifest({ path, records: 1 });
  const before = await readFile(path);
  const signal = AbortSignal.abort(new Error('stopped by the test'));
  await expect(writeScaleManifest({ path, records: 100, signal })).rejects.toThrow('stopped by the test');
  expect(await readFile(path)).toEqual(before);
});
