import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePieces } from '../../../src/sample/folder/write-pieces.ts';
import { freshFolder, md5 } from '../made-dataset.ts';

test('what is answered is the size and the digest of the file on the disk', async () => {
  const path = join(await freshFolder(), 'file');
  const written = await writePieces(path, ['één ', Buffer.from([0, 255]), '']);
  const bytes = await readFile(path);
  expect(bytes).toEqual(Buffer.concat([Buffer.from('één '), Buffer.from([0, 255])]));
  expect(written).toEqual({ size: bytes.length, md5: md5(bytes) });
});

test('pieces that fail leave the file as it was, and nothing beside it', async () => {
  const folder = await freshFolder();
  const path = join(folder, 'file');
  await writePieces(path, ['before']);
  const failing = (function* () {
    yield 'half';
    throw new Error('no more');
  })();
  await expect(writePieces(path, failing)).rejects.toThrow('no more');
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(path, 'utf8')).toBe('before');
});
