import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCrops, cropsOf, readCropSummary } from '../../../src/activities/manifest/crop-files.ts';
import { checkSlices, readSummary, sliceOf } from '../../../src/activities/manifest/manifest-slices.ts';
import { removeAbandoned } from '../../../src/activities/manifest/new-folder.ts';
import { makeCrops } from '../../../src/activities/manifest/plan-crops.ts';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { areWhole, makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import type { Folder, Md5 } from '../../../src/domain/dataset/ids.ts';
import { imageKinds } from '../../../src/domain/kinds.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';
import { filesUnder } from '../../support/arrived-files.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';

const { signal } = new AbortController();
const program = fileURLToPath(new URL('./fixtures/load.mjs', import.meta.url));
let root: string;
let text: string;
let md5: Md5;
let made: string;

/** Slices and crops of 6 records in two folders, as they should be. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-notes-'));
  text = join(root, 'manifest.json');
  await writeScaleManifest({ path: text, ids: [0, 1, 2, 1000, 1001, 1002] });
  made = join(root, 'made');
  md5 = await make(made);
});
afterAll(() => rm(root, { recursive: true }));

async function make(folder: string): Promise<Md5> {
  mkdirSync(folder, { recursive: true });
  const summary = await sliceManifest(text, folder, undefined, testSeal, signal, () => {});
  const crops = join(folder, summary.md5, 'crops');
  await makeCrops(text, crops, { align: alignByDefault, summary, seal: testSeal, signal });
  return summary.md5;
}

const folders = ['00000', '01000'] as Folder[];

/** Every record that is read from a folder of notes, or what its readers say. */
async function readAll(folder: string): Promise<unknown> {
  const caches = makeManifestCaches(testSeal);
  const read: unknown[] = [];
  try {
    for (const each of folders) {
      for (const kind of imageKinds) read.push(...(await sliceOf(caches, folder, md5, kind, each)).values());
      read.push(...(await cropsOf(caches, join(folder, md5, 'crops'), each)).values());
    }
    return read;
  } catch (error) {
    return (error as { reason?: unknown }).reason ?? error;
  }
}

async function isWhole(folder: string): Promise<boolean> {
  const slices = await readSummary(folder, md5, testSeal);
  const crops = await readCropSummary(join(folder, md5, 'crops'), testSeal);
  if (slices === undefined || crops === undefined) return false;
  const check = checkSlices(folder, slices).then(() => checkCrops(join(folder, md5, 'crops'), crops));
  return areWhole(check);
}

let copies = 0;

function copyOf(folder: string): string {
  const copy = join(root, `copy-${copies++}`);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** A thousand-folder of the summary that loses a record, with digests that are right for what is left. */
function forgotten(path: string): void {
  const content = readFileSync(path, 'utf8').replace(
    '"folder":"01000","files":3',
    '"folder":"01000","files":2',
  );
  writeFileSync(path, content);
}

const damages: readonly [what: string, spoil: (path: string) => void][] = [
  ['missing', (path) => rmSync(path)],
  ['empty', (path) => truncateSync(path, 0)],
  ['torn in a line', (path) => truncateSync(path, readFileSync(path).length - 20)],
  [
    'short of its last line',
    (path) => writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, -2).join('\n')}\n`),
  ],
  ['zeros, as long as it was', (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length))],
  [
    'changed by one digit',
    (path) =>
      writeFileSync(
        path,
        readFileSync(path, 'utf8')
          .replace(/"size":\d/, '"size":9')
          .replace(/"bytes":\d/, '"bytes":9'),
      ),
  ],
  [
    'a folder',
    (path) => {
      rmSync(path);
      mkdirSync(join(path, 'x'), { recursive: true });
    },
  ],
];

test.each(damages)(
  'notes of the manifest of which one file is %s are never read, and made anew',
  async (_, spoil) => {
    const whole = await readAll(made);
    expect(whole).toHaveLength(24);
    const files = filesUnder(made);
    // Three kinds of slices and the crops, of two folders, and two summaries.
    expect(files).toHaveLength(10);
    for (const file of files) {
      const copy = copyOf(made);
      spoil(join(copy, file));
      expect(await isWhole(copy), file).toBe(false);
      expect(await readAll(copy), file).toBe('manifest-lost');
      await make(copy);
      expect(await isWhole(copy), file).toBe(true);
      expect(await readAll(copy), file).toEqual(whole);
      expect(filesUnder(copy).sort()).toEqual(files.toSorted());
    }
  },
);

test('a summary that leaves a record out is not believed', async () => {
  const copy = copyOf(made);
  forgotten(join(copy, md5, 'summary.json'));
  expect(await readSummary(copy, md5, testSeal)).toBeUndefined();
});

test('notes of a version without digests are made anew', async () => {
  const copy = copyOf(made);
  for (const path of [join(copy, md5), join(copy, md5, 'crops')]) {
    const { seal: _, ...summary } = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8'));
    writeFileSync(join(path, 'summary.json'), JSON.stringify({ ...summary, schema: 1 }));
  }
  expect(await readAll(copy)).toBe('manifest-lost');
  await make(copy);
  expect(await isWhole(copy)).toBe(true);
});

test('several that make the same notes at the same time spoil nothing, and who reads meanwhile reads what is right', async () => {
  const whole = await readAll(made);
  const copy = copyOf(made);
  let over = false;
  const makers = Promise.all(Array.from({ length: 4 }, () => make(copy))).finally(() => {
    over = true;
  });
  let reads = 0;
  for (; !over; reads++) expect(await readAll(copy)).toEqual(whole);
  await makers;
  expect(reads).toBeGreaterThan(0);
  expect(await readAll(copy)).toEqual(whole);
  expect(filesUnder(copy).sort()).toEqual(filesUnder(made).sort());
});

test('what killed makers left behind is removed after an hour, and nothing else', async () => {
  const copy = copyOf(made);
  const old = ['new-0123456789ab', `${md5}.0123456789ab.new`, 'incoming.json.0123456789ab.copy'];
  for (const name of [...old, 'new-ba9876543210', 'new-york', 'incoming.json'])
    mkdirSync(join(copy, name, 'images'), { recursive: true });
  const longAgo = Date.now() / 1000 - 7_200;
  for (const name of [...old, 'new-york', 'incoming.json', md5])
    utimesSync(join(copy, name), longAgo, longAgo);
  await removeAbandoned(copy);
  expect(readdirSync(copy).sort()).toEqual([md5, 'incoming.json', 'new-ba9876543210', 'new-york'].sort());
});

/** strace ends a process just before it makes its nth call of a kind. */
const mayKillAtCalls = existsSync('/usr/bin/strace') && spawnSync('strace', ['-f', 'true']).status === 0;

test.skipIf(!mayKillAtCalls).each([
  ['where there was nothing', ['fsync', 'mkdir'], (folder: string) => mkdirSync(folder)],
  [
    'over what a power failure has left',
    ['rename', 'rmdir'],
    (folder: string) => {
      cpSync(made, folder, { recursive: true });
      for (const file of filesUnder(folder))
        if (!file.endsWith('01000.jsonl')) truncateSync(join(folder, file), 0);
    },
  ],
])(
  'killed before any one of its changes to the disk, %s, the next one mends all of it',
  async (_, calls, prepare) => {
    const whole = await readAll(made);
    const states: string[] = [];
    for (const call of calls) {
      for (let nth = 1; ; nth++) {
        const folder = join(root, `killed-${copies++}`);
        prepare(folder);
        const killed = killedAt(call, nth, folder);
        const read = await readAll(folder);
        // Right or lost, but never anything else.
        if (read !== 'manifest-lost') expect(read, `${call} ${nth}`).toEqual(whole);
        await make(folder);
        expect(await readAll(folder), `${call} ${nth}`).toEqual(whole);
        rmSync(folder, { recursive: true });
        if (!killed) break;
        states.push(`${call} ${nth}`);
      }
    }
    expect(states.length).toBeGreaterThan(10);
  },
  240_000,
);

/** Makes notes and is killed before the nth call; false where it came to its end before. */
function killedAt(call: string, nth: number, folder: string): boolean {
  const { status, signal, stderr } = spawnSync(
    'strace',
    [
      ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`],
      ...['-e', `inject=${call}:signal=KILL:when=${nth}`],
      ...[process.execPath, program, text, folder, md5, JSON.stringify(alignByDefault)],
    ],
    // One thread makes the calls, so that they are counted in order.
    { env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_OPTIONS: '' } },
  );
  if (status === 0) return false;
  expect([status, signal, String(stderr)]).toEqual([null, 'SIGKILL', '']);
  return true;
}
