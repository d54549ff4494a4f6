import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANIFEST_FILE } from '../../../src/domain/dataset/layout.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { giveInProcess } from '../../support/in-process.ts';

/** Markup, a formula, a link, a table's end, a terminal's commands, a turned line, an entity, and no end. */
const EVIL = [
  '<script>alert(1)</script><img src=x onerror=alert(1)>"\'--></title></svg>',
  '=HYPERLINK("http://evil.test","x")',
  '[x](javascript:alert(1)) | ![x](http://evil.test/x.png) `',
  '\u001b[2J\u001b]52;c;eA==\u0007\u202e\u2066\r\n# forged\u2028',
  `&lt;${'x'.repeat(9_000)}`,
];

let folder: string;
let hostile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-stats-'));
  hostile = await mkdtemp(join(tmpdir(), 'ffhq-stats-'));
  await makeTinyDataset({ folder, records: 6, kinds: ['thumbs'] });
  await rm(join(folder, 'thumbnails128x128/00000/00001.png'));
  const records = EVIL.map((evil, nth) => [
    nth,
    { category: evil, metadata: { license: evil, license_url: evil, country: evil, author: evil } },
  ]);
  await writeFile(join(hostile, MANIFEST_FILE), JSON.stringify(Object.fromEntries(records)));
});
afterAll(async () => {
  for (const one of [folder, hostile]) await rm(one, { recursive: true, force: true });
});

async function ffhq(out: string, ...words: string[]) {
  const env = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
  return giveInProcess([...words, '--out', out], { env, cwd: folder });
}

async function made(out: string, format: string): Promise<Buffer> {
  const file = join(folder, `made.${format}`);
  const { exitCode, stderr } = await ffhq(out, 'stats', '--format', format, '--out-file', file);
  expect([exitCode, stderr]).toEqual([0, '']);
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}

test('the table is the one of the reference, of all records, of some, or of what lies there', async () => {
  const all = (await ffhq(folder, 'stats')).stdout.split('\n').map((line) => line.trimEnd());
  expect(all.slice(0, 5)).toEqual([
    '',
    '',
    expect.stringMatching(/^Category +Images {2}% of all$/),
    expect.stringMatching(/^--- +--- +---$/),
    expect.stringMatching(/^training +6 +100\.00$/),
  ]);
  expect((await ffhq(folder, 'stats', '--ids', '0-1')).stdout).toMatch(/training +2 +100\.00/);
  expect((await ffhq(folder, 'stats', '--present')).stdout).toMatch(/training +5 +100\.00/);
  expect((await ffhq(folder, 'stats', '--ids', '1', '--present')).stderr).toMatch(
    /--present: expected files/,
  );
  const none = await ffhq(join(folder, 'nowhere'), 'stats');
  expect([none.exitCode, none.stderr]).toEqual([
    2,
    expect.stringContaining(`expected ${MANIFEST_FILE}, got none`),
  ]);
});

test('every form says the same numbers', async () => {
  const json = JSON.parse(String(await made(folder, 'json')));
  expect(json).toMatchObject({ records: 6, category: [{ name: 'training', images: 6, percentOfAll: 100 }] });
  expect(String(await made(folder, 'csv'))).toContain('"category","training",6,100,""\r\n');
  expect(String(await made(folder, 'md'))).toContain('| training | 6 | 100.00 |');
  expect(String(await made(folder, 'text'))).toBe((await ffhq(folder, 'stats')).stdout);
  const svg = await made(folder, 'svg');
  const html = String(await made(folder, 'html'));
  expect(html).toContain('>training</bdi></th><td>6</td><td>100.00</td>');
  expect(String(svg)).toContain('Part: training 100.0 %');
  const png = sharp(await made(folder, 'png'));
  expect(await png.metadata()).toMatchObject({ format: 'png', width: 2 * 1320, channels: 3 });
  expect((await ffhq(folder, 'stats', '--format', 'svg')).stdout).toBe(String(svg));
});

test('what strangers wrote into a manifest stays text in every form', async () => {
  const html = String(await made(hostile, 'html'));
  expect(html).toMatch(/Content-Security-Policy" content="default-src 'none'/);
  expect(html).not.toMatch(/<script|<img|<a |onerror=alert\(1\)>[^&]|http:\/\/evil\.test"/);
  for (const text of [html, String(await made(hostile, 'svg'))]) {
    expect(text.replaceAll('\n', '')).not.toMatch(beyondPrintable);
    expect(text.length).toBeLessThan(200_000);
  }
  const markdown = String(await made(hostile, 'md'));
  expect(markdown.replaceAll('\n', '')).not.toMatch(beyondPrintable);
  expect(markdown).not.toMatch(/(?<!\\)\]\(|(?<!\\)<script|^# forged/m);
  const csv = String(await made(hostile, 'csv'));
  expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + 3 * EVIL.length);
  expect(csv).not.toMatch(/"[=+@-]/);
  expect(JSON.parse(String(await made(hostile, 'json'))).license).toHaveLength(EVIL.length);
  expect(String((await made(hostile, 'png')).subarray(1, 4))).toBe('PNG');
  for (const verb of ['stats', 'licenses']) {
    const { stdout, exitCode } = await ffhq(hostile, verb);
    expect([exitCode, stdout.split('\n').filter((line) => beyondPrintable.test(line))]).toEqual([0, []]);
  }
});

test('a file that is there stays, and a link is not followed', async () => {
  const file = join(folder, 'mine.svg');
  await writeFile(file, 'mine');
  await symlink(join(folder, 'elsewhere'), join(folder, 'link.svg'));
  for (const name of ['mine.svg', 'link.svg', 'nowhere/a.svg', 'mine.svg/a.svg']) {
    const { exitCode, stderr } = await ffhq(folder, 'stats', '--format', 'svg', '--out-file', name);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/flag \[--out-file\]: expected a file/)]);
  }
  expect(await readFile(file, 'utf8')).toBe('mine');
  expect((await readdir(folder)).filter((name) => /elsewhere|\.new$/.test(name))).toEqual([]);
});

test('programs are told the numbers in one event, and where the file lies', async () => {
  const file = join(folder, 'told.png');
  const words = ['stats', '--format', 'png', '--output', 'json'];
  expect((await ffhq(folder, ...words)).stderr).toMatch(/\[--out-file\]: expected a file for --format png/);
  const event = JSON.parse((await ffhq(folder, ...words, '--out-file', file)).stdout);
  expect(event).toMatchObject({ event: 'stats', path: file, category: { training: 6 } });
});

test('licences are told with what they ask for, and those of no dataset as what they are', async () => {
  const { stdout } = await ffhq(folder, 'licenses', '--output', 'json');
  const { records, licenses, others } = JSON.parse(stdout);
  expect([records, others]).toEqual([6, []]);
  expect(licenses.reduce((sum: number, { records: some }: { records: number }) => sum + some, 0)).toBe(6);
  for (const { license, attribution, commercial } of licenses) {
    expect(attribution).toBe(['by', 'by-nc'].includes(license));
    expect(commercial).toBe(license !== 'by-nc');
  }
  const free = JSON.parse((await ffhq(folder, 'licenses', '--only-commercial', '--output', 'json')).stdout);
  expect(free.licenses).toEqual(licenses.filter(({ license }: { license: string }) => license !== 'by-nc'));
  const strange = JSON.parse((await ffhq(hostile, 'licenses', '--output', 'json')).stdout);
  expect(strange).toMatchObject({ records: EVIL.length, licenses: [], untold: 0 });
  expect(strange.others).toHaveLength(EVIL.length);
  expect((await ffhq(hostile, 'stats', '--only-commercial')).stderr).toMatch(/--license by,pdm,cc0,us-gov/);
});
