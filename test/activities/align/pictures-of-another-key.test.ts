import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Seal } from '../../../src/activities/records/seal.ts';
import { recordsPurpose } from '../../../src/activities/records/verified-records.ts';
import { readStoreId } from '../../../src/activities/store/store-identity.ts';
import { testSeal } from '../../support/test-key.ts';
import { Anna } from './anna.ts';

let anna: Anna;
beforeAll(async () => {
  anna = await Anna.make();
});
afterAll(() => anna.close());
beforeEach(() => rm(anna.out, { recursive: true, force: true }));

const otherSeal = new Seal(Buffer.alloc(32, 'other'));

/** The records say the same, by another key. */
async function giveToAnotherKey(): Promise<void> {
  const purpose = recordsPurpose(await readStoreId(anna.out), 'align', '00000');
  const folder = join(anna.out, '.ffhq/verified/align/00000');
  for (const name of await readdir(folder)) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    const sealed = lines.map((line) => {
      const said = testSeal.open(purpose, line);
      return said === undefined ? line : otherSeal.close(purpose, said);
    });
    await writeFile(join(folder, name), sealed.join('\n'));
  }
}

test('a picture that another key had made by the very same recipe is made anew beside it, and adopted where it is the same', async () => {
  await anna.align(0);
  const [before, { mtimeMs }] = [await readFile(anna.picture), await stat(anna.picture)];
  await giveToAnotherKey();
  const done = { tally: { doneFiles: 1, failedFiles: 0 }, left: 0 };
  expect(await anna.align(0)).toMatchObject(done);
  expect(await readdir(join(anna.out, 'aligned'))).toEqual(['anna_0.png']);
  expect((await stat(anna.picture)).mtimeMs).toBe(mtimeMs);
  expect((await readFile(anna.picture)).equals(before)).toBe(true);
});

test('one that another key had made by other options, and a picture of the user`s own, are kept as they are', async () => {
  await anna.align(0, { enablePadding: false, rotateLevel: false });
  await giveToAnotherKey();
  const kept = { tally: { failedFiles: 1, failures: { 'not-ours': { count: 1 } } } };
  for (const own of [await readFile(anna.picture), await retouched(await readFile(anna.picture))]) {
    await writeFile(anna.picture, own);
    expect(await anna.align(0)).toMatchObject(kept);
    expect((await readFile(anna.picture)).equals(own)).toBe(true);
    expect(await readdir(join(anna.out, 'aligned'))).toEqual(['anna_0.png']);
  }
});

test('whoever only looks makes no picture to compare with', async () => {
  await anna.align(0);
  await giveToAnotherKey();
  expect(await anna.align(0, {}, 'nothing')).toMatchObject({
    tally: { failedFiles: 1, failures: { 'not-ours': { count: 1 } } },
  });
});

function retouched(picture: Buffer): Promise<Buffer> {
  return sharp(picture).modulate({ brightness: 1.1 }).png().toBuffer();
}
