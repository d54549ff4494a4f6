import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepPage, keptPages } from '../../../src/activities/records/kept-pages.ts';

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'ffhq-test-pages-'));
});
afterEach(() => rm(out, { recursive: true }));

const folder = () => join(out, '.ffhq/pages');

test('a page is kept once, however often and from wherever it comes, and is found again', async () => {
  const places = await Promise.all([1, 2, 3].map(() => keepPage(out, 'div #a')));
  const again = await keepPage(out, 'div #a');
  expect(await keepPage(out, 'div #b')).not.toBe(again);
  expect(places).toContain(again);
  expect(await readFile(join(out, again ?? ''), 'utf8')).toMatch(/\n\ndiv #a$/);
  expect(await keptPages(out)).toContain(again);
});

test('twenty are kept, and no more, by however many at once', async () => {
  const sketches = Array.from({ length: 60 }, (_, nth) => `div #n${'x'.repeat(nth)}`);
  const places = await Promise.all(sketches.map((sketch) => keepPage(out, sketch)));
  expect(await readdir(folder())).toHaveLength(20);
  expect(places.filter((place) => place !== undefined)).toHaveLength(20);
  expect(await keptPages(out)).toHaveLength(20);
});

test('what lies in its place is let be: a link leads nowhere, a folder that is none is no failure', async () => {
  await mkdir(folder(), { recursive: true });
  const elsewhere = join(out, 'elsewhere');
  await writeFile(elsewhere, 'mine');
  for (let place = 0; place < 20; place++)
    await symlink(elsewhere, join(folder(), `page-${String(place).padStart(2, '0')}.txt`));
  expect(await keepPage(out, 'div')).toBeUndefined();
  expect(await readFile(elsewhere, 'utf8')).toBe('mine');
  await rm(folder(), { recursive: true });
  await symlink(out, folder());
  expect(await keepPage(out, 'div')).toBeUndefined();
  expect(await keptPages(out)).toEqual([]);
  await rm(folder());
  await writeFile(folder(), 'a file');
  expect(await keepPage(out, 'div')).toBeUndefined();
});
