import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { contactSheetOf } from '../../../src/activities/describe/contact-sheet.ts';
import { describedRecords } from '../../../src/activities/describe/described-records.ts';
import { EvenSample } from '../../../src/activities/describe/even-sample.ts';
import { folderContent } from '../../../src/activities/describe/folder-content.ts';
import { ListedFiles } from '../../../src/activities/describe/listed-files.ts';
import type { ImageKind } from '../../../src/domain/kinds.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';

const { signal } = new AbortController();

/** As a command hands them on. */
async function* presentRecords(out: string) {
  const listed = new ListedFiles(out);
  for await (const record of describedRecords(out, signal)) {
    const present: ImageKind[] = [];
    for (const { kind, path } of record.files) if (await listed.has(path)) present.push(kind);
    yield { ...record, present };
  }
}

async function folder(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'ffhq-test-content-'));
  onTestFinished(() => rm(out, { recursive: true }));
  return out;
}

test('a folder is told by what lies in it: shares of records that are there, and a digest that md5sum can repeat', async () => {
  const out = await folder();
  await makeTinyDataset({ folder: out, ids: [0, 1, 60_000], kinds: ['thumbs', 'images'] });
  await unlink(join(out, 'images1024x1024/00000/00001.png'));
  for (const kind of ['thumbnails128x128', 'images1024x1024'])
    await unlink(join(out, `${kind}/60000/60000.png`));
  const found = await folderContent(out, presentRecords(out), 0);
  expect(found?.content).toMatchObject({ records: 3, present: 2 });
  expect(found?.content.stats.category).toEqual(new Map([['training', 2]]));
  const lines: string[] = [];
  for (const name of ['00000', '00001']) {
    const path = `thumbnails128x128/00000/${name}.png`;
    const md5 = createHash('md5')
      .update(await readFile(join(out, path)))
      .digest('hex');
    lines.push(`${md5}  ${path}\n`);
  }
  expect(found?.content.kinds).toMatchObject([
    { kind: 'images', files: 1 },
    { kind: 'thumbs', files: 2, sha256: createHash('sha256').update(lines.join('')).digest('hex') },
  ]);
  expect(found?.faces).toEqual([]);
});

test('a contact sheet has thumbnails, aligned pictures where there are none, and nothing of what is no picture', async () => {
  const out = await folder();
  await makeTinyDataset({
    folder: out,
    ids: [0, 1, 2, 3],
    kinds: ['thumbs', 'images'],
    pngSize: { images: 256 },
  });
  await unlink(join(out, 'thumbnails128x128/00000/00001.png'));
  await writeFile(join(out, 'thumbnails128x128/00000/00002.png'), '<svg onload="alert(1)"/>');
  const found = await folderContent(out, presentRecords(out), 4);
  expect(found?.faces.map(({ path }) => path.slice(0, 6))).toEqual(['thumbn', 'images', 'thumbn', 'thumbn']);
  const pictures = await contactSheetOf(out, found?.faces ?? [], signal);
  expect(pictures.map(({ name, type }) => [name, type])).toEqual([
    ['00000', 'image/jpeg'],
    ['00001', 'image/jpeg'],
    ['00003', 'image/jpeg'],
  ]);
  const [, shrunk] = pictures.map(({ base64 }) => Buffer.from(base64, 'base64'));
  // Start of a JPEG; its frame says 128 x 128.
  expect(shrunk?.readUInt16BE(0)).toBe(0xffd8);
  const frame = shrunk?.indexOf(Buffer.from([0xff, 0xc0])) ?? 0;
  expect([shrunk?.readUInt16BE(frame + 5), shrunk?.readUInt16BE(frame + 7)]).toEqual([128, 128]);
});

test('with a text in the place of the manifest nothing is told', async () => {
  const out = await folder();
  await writeFile(join(out, 'ffhq-dataset-v2.json'), '<html>');
  expect(await folderContent(out, presentRecords(out), 5)).toBeUndefined();
});

test('a sample is even, in order, and as large as was asked', () => {
  for (const length of [0, 3, 7, 8, 9, 100, 70_000]) {
    const sample = new EvenSample<number>(8);
    for (let at = 0; at < length; at++) sample.add(at);
    const { taken } = sample;
    expect(taken).toHaveLength(Math.min(8, length));
    expect(taken).toEqual([...new Set(taken)].sort((one, other) => one - other));
    const gaps = taken.slice(1).map((one, at) => one - (taken[at] ?? 0));
    if (length > 8) expect(Math.max(...gaps)).toBeLessThanOrEqual(3 * Math.ceil(length / 8));
  }
});
