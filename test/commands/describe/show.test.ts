import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { makePeopleFolder } from '../../support/datasets/people-folder.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { makeTestKeyFile, testSeal } from '../../support/test-key.ts';
import { elementsOf } from './html-elements.ts';

const EVIL = '\u001b[2J<script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e';
const digest = '0'.repeat(32) as never;
const thumb = 'thumbnails128x128/00000/00000.png';
const image = 'images1024x1024/00000/00000.png';

let folder: string;
let remove: () => Promise<void>;
let scratch: string;
let opened: string[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ffhq-show-test-'));
  ({ folder, remove } = await makePeopleFolder(
    [
      {
        author: 'Ann',
        photo_title: 'Smile',
        license_url: 'https://creativecommons.org/licenses/by/2.0/',
        photo_url: 'https://www.flickr.com/photos/ann/7/',
      },
      { author: EVIL, photo_title: EVIL, photo_url: EVIL, license: EVIL, license_url: EVIL },
      {},
    ],
    ['images', 'thumbs', 'wilds'],
  ));
  const log = new VerifiedLog('w', testSeal);
  const of = async (file: string) => {
    const { size, mtimeNs } = await lstat(join(folder, file), { bigint: true });
    return { file, size: Number(size), mtime: String(mtimeNs), run: 'r' };
  };
  const at = '2026-01-02T03:04:05.000Z';
  await log.append(folder, 'images', '00000', {
    ...{ ...(await of(image)), at, how: 'stored', md5: digest, source: 'huggingface' },
  });
  await log.append(folder, 'wilds', '00000', {
    ...{ ...(await of('in-the-wild-images/00000/00000.png')), at, how: 'damaged' },
    ...{ reason: 'wrong-pixels', detail: `bytes ${EVIL}` },
  } as never);
  await rm(join(folder, thumb));
  const failure = { kind: 'thumbs', key: 'k', path: thumb, outcome: 'missing', attempts: 1 };
  await writeFile(
    join(folder, '.ffhq/report.json'),
    `{"run":"x","failures":[\n{"path":"other"},\n${JSON.stringify({ ...failure, reason: 'not-found', detail: EVIL, whatToDo: 'look' })}\n]}\n`,
  );
});
afterAll(async () => {
  await remove();
  await rm(scratch, { recursive: true, force: true });
});

async function ffhq(...words: string[]) {
  opened = [];
  const given = await giveInProcess(['show', ...words, '--out', folder], {
    env: { FFHQ_KEY_FILE: makeTestKeyFile(scratch), XDG_STATE_HOME: scratch },
    services: { openBrowser: (url) => opened.push(url) > 0 },
  });
  expect(given.stdout).not.toMatch(beyondPrintable);
  expect(given.stderr).not.toMatch(beyondPrintable);
  return given;
}

test('all that is known of a picture is told: whose it is, where it lies, verified when and from where, and why not', async () => {
  const { exitCode, stdout } = await ffhq('00000', '--output', 'json');
  expect(exitCode).toBe(0);
  const { files, crop, ...said } = JSON.parse(stdout);
  expect(said).toMatchObject({
    event: 'show',
    id: 0,
    author: 'Ann',
    account: 'ann',
    spdx: 'CC-BY-2.0',
    page: null,
  });
  expect(files).toMatchObject([
    { kind: 'images', path: image, place: 'there', known: { how: 'stored', source: 'huggingface' } },
    { kind: 'thumbs', path: thumb, place: 'missing', failure: { reason: 'not-found', whatToDo: 'look' } },
    { kind: 'wilds', place: 'there', known: { how: 'damaged', reason: 'wrong-pixels' }, failure: null },
  ]);
  expect(crop.quad).toHaveLength(4);
  const [[x1, y1], [x2, y2]] = crop.quad;
  expect(Math.hypot(x2 - x1, y2 - y1)).toBeCloseTo(crop.side, 6);
  const text = (await ffhq('0')).stdout;
  expect(text).toMatch(/verified 2026-01-02 03:04.*, when it was stored, from huggingface/);
  expect(text).toMatch(/missing; the last report: not-found/);
  expect(text).toMatch(/damaged, seen 2026-01-02/);
});

test('a page shows original, crop and thumbnail, asks nobody for anything, and runs nothing', async () => {
  const { stdout } = await ffhq('1', '--open');
  expect(opened).toHaveLength(1);
  const path = fileURLToPath(opened[0] ?? '');
  expect(stdout).toContain(`opened ${path}`);
  expect((await lstat(join(path, '..'))).mode & 0o077).toBe(0);
  const page = await readFile(path, 'utf8');
  await rm(join(path, '..'), { recursive: true });
  expect(page).not.toMatch(beyondPrintable);
  const tags: string[] = [];
  for (const { tagName, attrs } of elementsOf(page)) {
    tags.push(tagName);
    for (const { name, value } of attrs) {
      expect(name).not.toMatch(/^on/);
      if (['src', 'href'].includes(name) || name.endsWith('href'))
        expect(value).toMatch(/^data:image\/jpeg;base64,[\w+/=]+$/);
    }
  }
  expect(tags.filter((tag) => ['script', 'a', 'iframe', 'object'].includes(tag))).toEqual([]);
  expect(tags.filter((tag) => ['image', 'img', 'polygon'].includes(tag))).toEqual([
    'image',
    'polygon',
    'img',
    'img',
  ]);
  expect(page).toContain("default-src 'none'; img-src data:");
});

test('a page goes where it is wanted, and over nothing else; a link in place of a picture is not followed', async () => {
  await rm(join(folder, 'images1024x1024/00000/00002.png'));
  await symlink(join(folder, image), join(folder, 'images1024x1024/00000/00002.png'));
  const to = join(scratch, 'pages/two.html');
  const { exitCode, stdout } = await ffhq('2', '--to', to);
  expect(exitCode).toBe(0);
  expect(opened).toEqual([]);
  expect(stdout).toMatch(/something else than a file lies there/);
  expect(await readFile(to, 'utf8')).toContain('the aligned picture is not here');
  expect((await ffhq('2', '--to', to)).exitCode).toBe(0);
  await mkdir(join(scratch, 'own'));
  await writeFile(join(scratch, 'own/page.html'), '<p>mine</p>');
  expect((await ffhq('2', '--to', join(scratch, 'own/page.html'))).exitCode).toBe(2);
  expect(await readFile(join(scratch, 'own/page.html'), 'utf8')).toBe('<p>mine</p>');
  expect(await readdir(join(scratch, 'own'))).toEqual(['page.html']);
});

test('an id that no record has, and what is no id, are refused', async () => {
  expect((await ffhq('9')).stderr).toMatch(/id \[9\]: expected one of the manifest's 3 records/);
  expect((await ffhq(EVIL)).stderr).toMatch(/id: expected 0 to 99999, got /);
});
