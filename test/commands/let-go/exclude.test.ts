import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANIFEST_FILE, statePaths } from '../../../src/domain/dataset/layout.ts';
import { parseExclusions } from '../../../src/domain/exclusion/exclusion-list.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';
import { filesWith } from '../../support/arrived-files.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { makeTestKeyFile } from '../../support/test-key.ts';

let root: string;
let out: string;
let env: Record<string, string>;
let people: readonly { readonly id: number; readonly author: string; readonly page: string }[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-exclude-'));
  out = join(root, 'set');
  env = { FFHQ_KEY_FILE: makeTestKeyFile(root), XDG_STATE_HOME: join(root, 'state') };
  await mkdir(out);
  const path = join(root, 'manifest.json');
  await writeScaleManifest({ path, ids: [0, 1, 2, 3, 4, 5] });
  await copyFile(path, join(out, MANIFEST_FILE));
  const records = JSON.parse(readFileSync(path, 'utf8')) as Record<
    string,
    { metadata: { author: string; photo_url: string } }
  >;
  people = Object.entries(records).map(([id, { metadata }]) => ({
    id: Number(id),
    author: metadata.author,
    page: metadata.photo_url,
  }));
});
afterAll(() => rm(root, { recursive: true }));

async function give(folder: string, ...words: readonly string[]) {
  const given = await giveInProcess([...words, '--out', folder, '--output', 'json'], { env, cwd: root });
  const events = given.stdout.split('\n').filter((line) => line.startsWith('{'));
  return { ...given, event: JSON.parse(events.at(-1) ?? '{}') as Record<string, unknown> };
}

test('what is excluded by ids, an account, authors or a photograph is counted, named nowhere, and given away', async () => {
  const [, second, third, fourth] = people;
  expect((await give(out, 'exclude', '--ids', '0')).event).toMatchObject({ version: 1, records: 1 });
  const account = /photos\/([^/]+)/.exec(second?.page ?? '')?.[1] ?? '';
  const counted = (await give(out, 'exclude', '--account', account, '--reason', 'asked')).event;
  expect(counted).toMatchObject({ version: 2, entries: 2 });
  expect(counted.records).toBeGreaterThan(1);
  writeFileSync(join(root, 'authors.txt'), `# they asked\n${third?.author}\n`);
  await give(out, 'exclude', '--author-from', 'authors.txt');
  const list = join(root, 'list.json');
  const last = await give(out, 'exclude', '--photo-url', fourth?.page ?? '', '--to', 'list.json');
  expect(last.exitCode, last.output).toBe(0);
  expect(last.event.version).toBe(4);
  for (const { author, page } of [second, third, fourth].filter((one) => one !== undefined))
    for (const word of [author, page, account]) {
      expect(filesWith(join(out, statePaths.exclusions), word)).toEqual([]);
      expect(readFileSync(list, 'utf8')).not.toContain(word);
    }
  const given = parseExclusions(readFileSync(list, 'utf8'));
  const elsewhere = join(root, 'elsewhere');
  await mkdir(elsewhere);
  await copyFile(join(out, MANIFEST_FILE), join(elsewhere, MANIFEST_FILE));
  const taken = await give(elsewhere, 'exclude', '--from', 'list.json');
  expect(taken.event).toMatchObject({ version: 1, records: last.event.records });
  const shown = await give(elsewhere, 'exclude', '--list');
  expect(shown.event.entries).toEqual('entries' in given ? given.entries : []);
});

test.each([
  [['exclude']],
  [['exclude', '--reason', 'none']],
  [['exclude', '--list', '--ids', '1']],
  [['exclude', '--photo-url', 'anna']],
  [['exclude', '--account', '']],
  [['exclude', '--from', 'manifest.json']],
  [['exclude', '--from', 'nowhere.json']],
  [['check-flickr']],
  [['check-flickr', '--from', 'manifest.json']],
])('%j is refused, and changes nothing', async (words) => {
  const folder = join(root, 'untouched');
  await mkdir(folder, { recursive: true });
  const given = await give(folder, ...words);
  expect(given.exitCode, given.output).toBe(2);
  expect((await give(folder, 'exclude', '--list')).event).toMatchObject({ version: 0, records: null });
});

test('what was found out on Flickr becomes a list, in the folder or beside it, with a reason for each', async () => {
  const [first, second] = people;
  writeFileSync(join(root, 'found.csv'), `url,why\n${first?.page},private\n${second?.page},no_cv\n`);
  const folder = join(root, 'flickr');
  await mkdir(folder);
  await copyFile(join(out, MANIFEST_FILE), join(folder, MANIFEST_FILE));
  const beside = await give(folder, 'check-flickr', '--from', 'found.csv', '--to', 'flickr.json');
  expect(beside.event).toMatchObject({ photographs: 2, records: 2, why: { private: 1, no_cv: 1, gone: 0 } });
  expect((await give(folder, 'exclude', '--list')).event).toMatchObject({ version: 0, records: 0 });
  await give(folder, 'check-flickr', '--from', 'found.csv');
  const { event } = await give(folder, 'exclude', '--list');
  expect(event).toMatchObject({ version: 1, records: 2 });
  expect(JSON.stringify(event.entries)).toMatch(/is private on Flickr.*is tagged no_cv on Flickr/);
});

test('a list of another key is shown to nobody, and taken over by its name alone', async () => {
  const mine = { ...env, FFHQ_KEY_FILE: join(root, 'other-key') };
  writeFileSync(mine.FFHQ_KEY_FILE, Buffer.alloc(32, 'other'), { mode: 0o600 });
  const as = (...words: readonly string[]) =>
    giveInProcess([...words, '--out', out], { env: mine, cwd: out });
  const refused = await as('exclude', '--list');
  expect(refused.exitCode, refused.output).toBe(2);
  expect(refused.output).toContain('exclude --from ');
  const path = /--from (\S+)/.exec(refused.output)?.[1] ?? '';
  const taken = await as('exclude', '--from', path);
  expect(taken.exitCode, taken.output).toBe(0);
  expect((await as('exclude', '--list')).exitCode).toBe(0);
});

test('a list that somebody else left in the folder is taken over by the command that is told, whatever its number', async () => {
  const theirs = join(root, 'theirs');
  await mkdir(join(theirs, statePaths.exclusions), { recursive: true });
  await copyFile(join(out, MANIFEST_FILE), join(theirs, MANIFEST_FILE));
  const foreign = join(theirs, statePaths.exclusions, 'list-999999.json');
  const given = join(root, 'given');
  await mkdir(given);
  await copyFile(join(out, MANIFEST_FILE), join(given, MANIFEST_FILE));
  await give(given, 'exclude', '--ids', '0', '--to', foreign);
  const refused = await give(theirs, 'exclude', '--ids', '1');
  expect(refused.exitCode).toBe(2);
  expect(refused.output).toContain(`ffhq exclude --from ${foreign} --out ${theirs}`);
  expect((await give(theirs, 'search', 'zoe')).output).toContain('exclusion list');
  expect((await give(theirs, 'exclude', '--from', foreign)).exitCode).toBe(0);
  expect((await give(theirs, 'exclude', '--ids', '1')).event).toMatchObject({ version: 2 });
});

test('a list is written in the place of a list, and of nothing else', async () => {
  const to = join(root, 'mine.txt');
  writeFileSync(to, 'mine');
  const refused = await give(join(root, 'given'), 'exclude', '--list', '--to', to);
  expect([refused.exitCode, readFileSync(to, 'utf8')]).toEqual([2, 'mine']);
  await rm(to);
  for (let times = 0; times < 2; times++)
    expect((await give(join(root, 'given'), 'exclude', '--list', '--to', to)).exitCode).toBe(0);
});
