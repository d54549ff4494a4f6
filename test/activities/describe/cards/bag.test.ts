import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VouchedDataset } from './vouched-dataset.ts';

let dataset: VouchedDataset;
let bags: string;
beforeEach(async () => {
  dataset = await VouchedDataset.make();
  bags = join(dataset.folder, 'bags');
  await dataset.vouch();
});
afterEach(() => dataset.leave());

const bagFile = (name: string) => readFileSync(join(bags, 'ffhq-bag', name), 'utf8');

function check(program: 'md5sum' | 'sha256sum', list: string): void {
  execFileSync(program, ['--check', '--strict', '--quiet', list], { cwd: join(bags, 'ffhq-bag') });
}

test('a bag without pixels says of every file of the records where to fetch it, whether it is there or not', async () => {
  const manifest = join(dataset.out, 'ffhq-dataset-v2.json');
  const records = JSON.parse(readFileSync(manifest, 'utf8'));
  records['0'].image.file_url = 'https://example.com/a b%20c\nhttps://evil.example 1 data/x';
  delete records['7'].image.file_url;
  writeFileSync(manifest, JSON.stringify(records));
  const { said } = await dataset.metadata('--format', 'bagit', '--to', bags);
  expect(said.bag).toMatchObject({ files: 5, unfetchable: 0 });
  const lines = bagFile('fetch.txt').trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(line).toMatch(/^https:\/\/\S+ \d+ data\/[\w-]+\/\d{5}\/\d{5}\.png$/);
  expect(lines[0]).toMatch(
    /^https:\/\/example\.com\/a%20b%20chttps:\/\/evil\.example%201%20data\/x \d+ data\/images/,
  );
  expect(bagFile('bagit.txt')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
  const bytes = lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  expect(bagFile('bag-info.txt')).toContain(`\nPayload-Oxum: ${bytes}.5\n`);
  check('md5sum', 'tagmanifest-md5.txt');
  expect(readdirSync(join(bags, 'ffhq-bag/data'))).toEqual([]);
});

test('a bag with payload holds what was verified, under further names of the same files', async () => {
  const { said } = await dataset.metadata(
    '--format',
    'bagit',
    '--bag-payload',
    '--sha256',
    '--images',
    '--to',
    bags,
  );
  // Three images, and the manifest.
  expect(said.bag).toMatchObject({ files: 4, unfetchable: 0 });
  for (const [program, name] of [
    ['md5sum', 'md5'],
    ['sha256sum', 'sha256'],
  ] as const) {
    check(program, `manifest-${name}.txt`);
    check(program, `tagmanifest-${name}.txt`);
  }
  const image = 'images1024x1024/01000/01001.png';
  expect(lstatSync(join(bags, 'ffhq-bag/data', image)).ino).toBe(lstatSync(join(dataset.out, image)).ino);
});

test('a bag that is there is never replaced: it may hold what was fetched into it', async () => {
  await dataset.metadata('--format', 'bagit', '--to', bags);
  const again = await dataset.metadata('--format', 'bagit,md5', '--to', bags);
  expect([again.exitCode, again.stderr]).toEqual([
    2,
    expect.stringMatching(/ffhq-bag\]: expected nothing there/),
  ]);
  expect(readdirSync(bags)).toEqual(['ffhq-bag']);
});
