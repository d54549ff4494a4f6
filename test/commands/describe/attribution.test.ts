import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePeopleFolder } from '../../support/datasets/people-folder.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { elementsOf } from './html-elements.ts';

const EVIL = '\u001b[2J<img src=x onerror=alert(1)>"\'>\r\n# [a](javascript:alert(1))\u202e';
const by = { license: 'Attribution License', license_url: 'https://creativecommons.org/licenses/by/2.0/' };
const cc0 = { license: 'CC0', license_url: 'http://creativecommons.org/publicdomain/zero/1.0' };
const page = (account: string, photo: number) => `https://www.flickr.com/photos/${account}/${photo}/`;

let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await makePeopleFolder(
    [
      { ...by, author: 'zoe', photo_title: 'b', photo_url: page('zoe', 1) },
      { ...by, author: 'Ann', photo_title: 'a *star*', photo_url: page('1@N00', 2) },
      { ...cc0, author: 'Ann', photo_title: '', photo_url: 'javascript:alert(1)//flickr.com/photos/x/' },
      { license: EVIL, license_url: EVIL, author: EVIL, photo_title: `=cmd|' /C calc'!A0`, photo_url: EVIL },
      { ...by, author: '', photo_title: `${EVIL}${'x'.repeat(9_000)}`, photo_url: page('zed', 3) },
      { ...by, author: 'Absent', photo_title: 'not here', photo_url: page('abs', 3) },
    ],
    ['thumbs', 'wilds'],
  ));
  await rm(join(folder, 'in-the-wild-images/00000/00000.png'));
  await rm(join(folder, 'thumbnails128x128/00000/00002.png'));
  for (const kind of ['in-the-wild-images', 'thumbnails128x128'])
    await rm(join(folder, kind, '00000/00005.png'));
  await mkdir(join(folder, 'realign1024x1024/00000'), { recursive: true });
  await writeFile(join(folder, 'realign1024x1024/00000/00001.png'), '');
});
afterAll(() => remove());

async function ffhq(...words: string[]) {
  const given = await giveInProcess(['attribution', '--out', folder, ...words]);
  expect(given.stdout).not.toMatch(beyondPrintable);
  expect(given.stderr).not.toMatch(beyondPrintable);
  return given;
}

const text = async (name: string) => readFile(join(folder, name), 'utf8');

test('files that lie there are told by licence, then by author, with the change that was made', async () => {
  const { exitCode, stdout } = await ffhq('--output', 'json');
  expect(exitCode).toBe(0);
  const { at, ...event } = JSON.parse(stdout) as Record<string, unknown>;
  expect(event).toEqual({
    event: 'attribution',
    records: 5,
    licenses: [
      { license: 'by', name: 'Creative Commons Attribution 2.0', spdx: 'CC-BY-2.0', records: 3 },
      {
        license: 'cc0',
        name: 'Creative Commons Zero 1.0, Public Domain Dedication',
        spdx: 'CC0-1.0',
        records: 1,
      },
      { license: 'other', name: "Other licences, in the manifest's words", spdx: 'NOASSERTION', records: 1 },
    ],
    documents: await Promise.all(
      ['md', 'csv', 'html'].map(async (format) => ({
        format,
        path: join(folder, `ATTRIBUTION.${format}`),
        bytes: Buffer.byteLength(await text(`ATTRIBUTION.${format}`)),
      })),
    ),
  });
  const lines = (await text('ATTRIBUTION.md')).split('\n').filter((line) => /^(##|-) /.test(line));
  expect(lines.map((line) => line.slice(0, 8))).toEqual([
    ...['## [Crea', '- 00004:', '- 00001:', '- 00000:', '## [Crea', '- 00002:', '## Other', '- 00003:'],
  ]);
  expect(lines[2]).toBe(
    `- 00001: [a \\*star\\*](${page('1@N00', 2)}) by Ann; changes: cropped, aligned, resized; in-the-wild-images: none`,
  );
  expect(lines[3]).toBe(`- 00000: [b](${page('zoe', 1)}) by zoe; changes: cropped, aligned, resized`);
  expect(lines[5]).toBe('- 00002: untitled by Ann; changes: none');
  expect(lines[7]).toContain('\\<img src=x onerror=alert');
  const csv = (await text('ATTRIBUTION.csv')).split('\r\n');
  expect(csv).toHaveLength(7);
  expect(csv[2]).toContain(
    '"thumbnails128x128/00000/00001.png in-the-wild-images/00000/00001.png realign1024x1024/00000/00001.png"',
  );
  expect(csv[5]).toContain(`"'=cmd|' /C calc'!A0"`);
});

test('of hostile words no file holds more than texts, and no line or page is broken by them', async () => {
  await ffhq();
  for (const format of ['md', 'csv', 'html']) {
    const made = await text(`ATTRIBUTION.${format}`);
    expect(made.replaceAll('\r\n', '\n')).not.toMatch(beyondPrintable);
    expect(made).not.toContain('x'.repeat(400));
  }
  const tags = new Set<string>();
  const addresses = new Set<string>();
  for (const { tagName, attrs } of elementsOf(await text('ATTRIBUTION.html'))) {
    tags.add(tagName);
    for (const { name, value } of attrs) if (name === 'href' || name === 'src') addresses.add(value);
    expect(attrs.map(({ name }) => name).filter((name) => name.startsWith('on'))).toEqual([]);
  }
  expect([...tags].sort()).toEqual(
    'a bdi body code h1 h2 head html li meta p section small style title ul'.split(' '),
  );
  expect([...addresses].every((address) => /^https:\/\/(www\.flickr|creativecommons)/.test(address))).toBe(
    true,
  );
});

test('a part of the records, in one format, goes to another folder', async () => {
  const to = join(folder, 'new/export');
  const { exitCode } = await ffhq('--license', 'cc0', '--format', 'csv', '--to', to);
  expect(exitCode).toBe(0);
  expect(await readdir(to)).toEqual(['ATTRIBUTION.csv']);
  expect((await readFile(join(to, 'ATTRIBUTION.csv'), 'utf8')).split('\r\n')).toHaveLength(3);
  expect((await ffhq('--ids', '5')).stderr).toMatch(/expected files of the chosen records, got none/);
  expect((await ffhq('--format', 'pdf')).stderr).toMatch(
    /flag \[--format\]: expected some of md, csv, html, got pdf/,
  );
});

test('a file that somebody else wrote under the name stays, and a link there leads nowhere', async () => {
  const path = join(folder, 'ATTRIBUTION.md');
  const other = join(folder, 'mine.txt');
  for (const lay of [() => writeFile(path, 'my own\n'), () => symlink(other, path), () => mkdir(path)]) {
    await rm(path, { recursive: true, force: true });
    await writeFile(other, '<!-- ffhq attribution -->\n');
    await lay();
    const { exitCode, stderr } = await ffhq('--format', 'md');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/document \[path=.*ATTRIBUTION\.md\]: expected none, or one of this command/);
  }
  expect(await text('mine.txt')).toBe('<!-- ffhq attribution -->\n');
  await rm(path, { recursive: true });
  const draft = (letter: string) => join(folder, `ATTRIBUTION.md.${letter.repeat(12)}.new`);
  for (const letter of ['a', 'b']) await writeFile(draft(letter), '');
  await utimes(draft('a'), 1, 1);
  expect((await ffhq('--format', 'md')).exitCode).toBe(0);
  // What is being written at this moment stays; what a power failure left goes.
  await rm(draft('b'));
  expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
});
