import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePeopleFolder } from '../../support/datasets/people-folder.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { giveInProcess } from '../../support/in-process.ts';

const EVIL = '\u001b[2J\u202e\r\nfound: everything';
const page = (account: string, photo: number) => `https://www.flickr.com/photos/${account}/${photo}/`;

let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await makePeopleFolder([
    {
      author: 'Jane Doe',
      photo_url: page('zz', 1),
      license_url: 'https://creativecommons.org/licenses/by/2.0/',
    },
    { author: 'janet', photo_url: page('Ab', 2) },
    {
      author: `${EVIL} jane`,
      photo_title: EVIL,
      photo_url: page(`${EVIL}x`, 3),
      license_url: EVIL,
      license: EVIL,
    },
    { author: 'John', photo_url: page('jane', 4) },
    { author: 'Somebody Else', photo_url: page('ab', 5) },
  ]));
  await rm(join(folder, 'thumbnails128x128/00000/00001.png'));
});
afterAll(() => remove());

async function ffhq(...words: string[]) {
  const given = await giveInProcess(['search', ...words, '--out', folder]);
  expect(given.stdout).not.toMatch(beyondPrintable);
  expect(given.stderr).not.toMatch(beyondPrintable);
  return given;
}

test('a name finds parts of names and whole accounts, by account, and says what is there', async () => {
  const { exitCode, stdout } = await ffhq('Jane', '--output', 'json');
  expect(exitCode).toBe(0);
  const { records, found, matches } = JSON.parse(stdout);
  expect({ records, found }).toEqual({ records: 5, found: 4 });
  expect(matches.map(({ id, present }: { id: number; present: string[] }) => [id, present])).toEqual([
    [2, ['thumbs']],
    [1, []],
    [3, ['thumbs']],
    [0, ['thumbs']],
  ]);
  expect(matches[3]).toMatchObject({ account: 'zz', spdx: 'CC-BY-2.0', photoUrl: page('zz', 1) });
  const text = (await ffhq('janet')).stdout.split('\n');
  expect(text[0]).toMatch(/^00001 {2}Ab {2}janet {2}.* {2}not here {2}https:/);
  expect(text[1]).toBe('1 of 5 records');
});

test('an account finds all that it published, in whatever case', async () => {
  const { stdout } = await ffhq('AB', '--output', 'json');
  expect(JSON.parse(stdout).matches.map(({ id }: { id: number }) => id)).toEqual([1, 4]);
});

test('where nothing is found the exit code is that of grep, and the name is repeated nowhere', async () => {
  const { exitCode, output } = await ffhq('nobody-of-this-name', '--output', 'json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ event: 'search', records: 5, found: 0, matches: [] });
  expect(output).not.toContain('nobody-of-this-name');
  expect((await ffhq(' ')).exitCode).toBe(2);
});
