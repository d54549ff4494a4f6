import { expect, test } from 'vitest';
import type { Folder } from '../../../src/domain/dataset/ids.ts';
import { bundleSummary, shardSummary } from '../../../src/domain/words/summaries.ts';

test('a bundle is named by its first and last id, its files and its bytes', () => {
  expect(bundleSummary('images', { ids: '42-50,60-73', files: 23, bytes: 41.2 * 1024 ** 2 })).toBe(
    'images 00042-00073 (23 files, 41.2 MiB)',
  );
  expect(bundleSummary('wilds', { ids: '7', files: 1, bytes: 900 })).toBe('wilds 00007 (1 file, 900 B)');
});

test('a shard is named by kind, folder and what is left of it', () => {
  const shard = {
    kind: 'thumbs',
    folder: '01000' as Folder,
    files: 1000,
    bytes: 3000,
    doneFiles: 0,
    doneBytes: 0,
  } as const;
  expect(shardSummary(shard)).toBe('thumbs 01000 (1,000 files, 2.93 KiB)');
  expect(shardSummary({ ...shard, doneFiles: 988, doneBytes: 2900 })).toBe(
    'thumbs 01000 (12 of 1,000 files left, 100 B)',
  );
});
