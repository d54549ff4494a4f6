import {
  chmod,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describedRecords } from '../../../src/activities/describe/described-records.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { MANIFEST_FILE, statePaths } from '../../../src/domain/dataset/layout.ts';
import type { DescribedRecord } from '../../../src/domain/rights/described-record.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';

const OWN = new Seal(Buffer.alloc(32, 1));
const FOREIGN = new Seal(Buffer.alloc(32, 2));
const RECORDS = 1_500;

let source: string;
let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'ffhq-index-'));
  await writeScaleManifest({ path: join(source, MANIFEST_FILE), records: RECORDS });
});
afterAll(() => rm(source, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-index-'));
  await ensureStore(folder);
  await copyFile(join(source, MANIFEST_FILE), at(MANIFEST_FILE));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(seal?: Seal, most = Number.POSITIVE_INFINITY) {
  const records: DescribedRecord[] = [];
  const all = describedRecords(folder, new AbortController().signal, seal);
  for (;;) {
    const next = await all.next();
    if (next.done === true) return { records, manifest: next.value };
    records.push(next.value);
    if (records.length >= most) break;
  }
  await all.return(undefined as never);
  return { records, manifest: undefined };
}

const inode = async () => (await stat(at(statePaths.recordIndex))).ino;
const textOf = (path: string) => readFile(at(path), 'utf8');

test('the first pass leaves an index, from which the next reads the very same', async () => {
  const plain = await read();
  expect(plain.records).toHaveLength(RECORDS);
  expect(await readdir(at('.ffhq'))).not.toContain('index');
  expect(await read(OWN)).toEqual(plain);
  const made = await inode();
  expect(await read(OWN)).toEqual(plain);
  // Whoever reads the manifest makes the index anew.
  expect(await inode()).toBe(made);
  expect((await textOf(statePaths.recordIndex)).length).toBeLessThan(
    (await stat(at(MANIFEST_FILE))).size / 4,
  );
  expect((await readdir(at(statePaths.index))).sort()).toEqual(['head.json', 'records.jsonl']);
});

test('a manifest that was moved or touched is known by its MD5; another one is read anew', async () => {
  const { records } = await read(OWN);
  const made = await inode();
  await utimes(at(MANIFEST_FILE), 1, 1);
  expect((await read(OWN)).records).toEqual(records);
  expect(await inode()).toBe(made);

  const text = (await textOf(MANIFEST_FILE)).replace('"training"', '"Training"');
  await writeFile(at(MANIFEST_FILE), text);
  const { records: changed } = await read(OWN);
  expect([changed[0]?.category, changed.length]).toEqual(['Training', RECORDS]);
  expect((await read(OWN)).records).toEqual(changed);
  expect(await inode()).not.toBe(made);
});

test('what a stranger wrote there, or a disk has damaged, is made anew, and nothing of it is told', async () => {
  const plain = await read();
  const damages: Record<string, () => Promise<void>> = {
    'another key': async () => {
      await read(FOREIGN);
    },
    'a row that says something else': async () => {
      const text = await textOf(statePaths.recordIndex);
      await writeFile(at(statePaths.recordIndex), text.replaceAll('"training"', '"validation"'));
    },
    'lines that changed places': async () => {
      const [first, second, ...rest] = (await textOf(statePaths.recordIndex)).split('\n');
      await writeFile(at(statePaths.recordIndex), [second, first, ...rest].join('\n'));
    },
    'a torn end': async () => {
      const text = await textOf(statePaths.recordIndex);
      await writeFile(at(statePaths.recordIndex), text.slice(0, text.length * 0.7));
    },
    'a line without an end': () => writeFile(at(statePaths.recordIndex), 'x'.repeat(9_000_000)),
    'no rows': () => rm(at(statePaths.recordIndex)),
    'no head': () => rm(at(statePaths.indexHead)),
    'a link': async () => {
      await rename(at(statePaths.recordIndex), at('elsewhere'));
      await symlink(at('elsewhere'), at(statePaths.recordIndex));
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    await read(OWN);
    await damage();
    expect(await read(OWN), what).toEqual(plain);
    expect((await textOf(statePaths.indexHead)).length, what).toBeGreaterThan(0);
    expect((await read(OWN)).manifest, what).toEqual(plain.manifest);
  }
});

test('whoever stops early leaves no half an index', async () => {
  await read(OWN, 3);
  expect(await readdir(at(statePaths.index))).toEqual([]);
  expect((await read(OWN)).records).toHaveLength(RECORDS);
});

test('a folder that cannot be written, or leads elsewhere, is read without one', async () => {
  const plain = await read();
  await symlink(tmpdir(), at(statePaths.index));
  expect(await read(OWN)).toEqual(plain);
  await rm(at(statePaths.index));
  await writeFile(at(statePaths.index), '');
  expect(await read(OWN)).toEqual(plain);
  await rm(at(statePaths.index));
  if (process.getuid?.() !== 0) {
    await chmod(at('.ffhq'), 0o500);
    expect(await read(OWN)).toEqual(plain);
    await chmod(at('.ffhq'), 0o700);
  }
  await rm(at('.ffhq'), { recursive: true });
  expect(await read(OWN)).toEqual(plain);
  expect(await readdir(folder)).toEqual([MANIFEST_FILE]);
});
