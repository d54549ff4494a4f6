import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesWith } from '../../support/arrived-files.ts';
import { makePeopleFolder } from '../../support/datasets/people-folder.ts';
import { giveInProcess } from '../../support/in-process.ts';

const page = (account: string, photo: number) => `https://www.flickr.com/photos/${account}/${photo}/`;

let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await makePeopleFolder([
    { author: 'Anna Abel', photo_url: page('anna', 1) },
    { author: 'Berta Bach', photo_url: page('berta', 2) },
    { author: 'Carla Cohn', photo_url: page('carla', 3) },
  ]));
  await give('exclude', '--ids', '0', '--account', 'berta');
});
afterAll(() => remove());

async function give(...words: readonly string[]) {
  const given = await giveInProcess([...words, '--out', folder, '--output', 'json']);
  expect(given.exitCode, given.output).toBe(0);
  const events = given.stdout.split('\n').filter((line) => line.startsWith('{'));
  return events.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('whoever is excluded is in no table, credit or list of digests any more, and that is said', async () => {
  for (const verb of ['stats', 'licenses', 'attribution', 'metadata']) {
    const notes = (await give(verb)).filter(({ event }) => event === 'note');
    expect(
      notes.map(({ text }) => text),
      verb,
    ).toContain("2 of these records are left out: the folder's exclusion list lets them go");
  }
  const credits = readFileSync(join(folder, 'ATTRIBUTION.csv'), 'utf8');
  expect(credits).toContain('Carla Cohn');
  for (const name of ['Anna Abel', 'Berta Bach'])
    expect(filesWith(folder, name).filter((path) => !/ffhq-dataset-v2\.json|index/.test(path))).toEqual([]);
  const lists = readFileSync(join(folder, 'manifest.md5'), 'utf8');
  expect(lists).not.toMatch(/0000[01]\.png/);
  const [stats] = await give('stats', '--ids', '1,2');
  expect(stats).toMatchObject({ event: 'stats', category: { training: 1 } });
});

test('a person still finds their own, marked as excluded, as long as it lies there', async () => {
  const [found] = await give('search', 'berta');
  expect(found).toMatchObject({ found: 1, matches: [{ id: 1, excluded: true, present: ['thumbs'] }] });
  const [other] = await give('search', 'carla');
  expect(other).toMatchObject({ matches: [{ id: 2, excluded: false }] });
  expect((await give('show', '0')).at(-1)).toMatchObject({ excluded: true });
  expect(existsSync(join(folder, 'thumbnails128x128/00000/00001.png'))).toBe(true);
});
