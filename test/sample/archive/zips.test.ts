import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zipKeys } from '../../../src/domain/dataset/asked-files.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { RecordCheck } from '../../../src/domain/tfrecord/record-check.ts';
import { pictureRecord } from '../../../src/sample/archive/picture-record.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';
import { makeZips } from '../../../src/sample/make-zips.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-zips-'));
});
afterAll(() => rm(root, { recursive: true }));

test('records are as long as those of the reference for every side', () => {
  for (const [side, length] of [
    [4, 98],
    [8, 247],
    [16, 823],
    [32, 3_127],
    [128, 49_214],
  ] as const) {
    const record = pictureRecord({ width: side, height: side, data: new Uint8Array(3 * side * side) });
    expect(record.length).toBe(length);
    const check = new RecordCheck(length);
    check.take(record);
    expect(check.end()).toEqual([]);
  }
});

test('a sample`s archives hold its files, as any unzip reads them; made once, and always the same', async () => {
  const sample = await makeTinyDataset({
    folder: join(root, 'sample'),
    records: 3,
    pngSize: { thumbs: 128 },
  });
  const { files, zips } = await makeZips(sample, join(root, 'zips'));
  expect(Object.keys(zips).sort()).toEqual([...zipKeys].sort());
  for (const { path, md5, size } of files.values()) {
    const bytes = await readFile(path);
    expect([bytes.length, md5Of(bytes)]).toEqual([size, md5]);
    execFileSync('python3', ['-m', 'zipfile', '-t', path]);
  }
  const again = await makeZips(sample, join(root, 'others'));
  expect(again.zips).toEqual(zips);
  const thumbs = [...files.values()].find(({ name }) => name === 'thumbnails128x128.zip')?.path ?? '';
  const list = execFileSync('python3', ['-m', 'zipfile', '-l', thumbs], { encoding: 'utf8' });
  expect(list.match(/thumbnails128x128\/\S+/g)?.sort()).toEqual(
    [...sample.files.values()]
      .map(({ filePath }) => filePath)
      .filter((path) => path.startsWith('thumb'))
      .sort(),
  );
});
