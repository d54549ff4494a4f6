import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkExclusions } from '../../../src/activities/excluded/excluded-ids.ts';
import { addExclusions, readExclusions } from '../../../src/activities/exclusion/exclusions.ts';
import { addToLedger, readLedger } from '../../../src/activities/exclusion/ledger-file.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { ImageId, Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { testSeal } from '../../support/test-key.ts';

const at = '2026-01-01T00:00:00.000Z';
const manifestMd5 = 'a'.repeat(32) as Md5;
const other = new Seal(Buffer.alloc(32, 'other'));

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ffhq-test-exclusions-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return (await ensureStore(path)).path;
}

test('many who exclude at the same time lose nothing of one another, and leave one version', async () => {
  const out = await folder();
  const ids = Array.from({ length: 12 }, (_, nth) => String(nth));
  await Promise.all(ids.map((id) => addExclusions(out, testSeal, [{ at, ids: id, manifestMd5 }])));
  const { entries, version } = await readExclusions(out, testSeal);
  expect(entries.map((entry) => Number(entry.ids)).sort((a, b) => a - b)).toEqual(ids.map(Number));
  expect(version).toBe(12);
  expect(await readdir(join(out, statePaths.exclusions))).toEqual(['list-000012.json']);
});

test('a list of another key, of another folder, or that was changed is refused until a person takes it over', async () => {
  const [out, elsewhere] = [await folder(), await folder()];
  await addExclusions(out, testSeal, [{ at, ids: '1', manifestMd5 }]);
  await addExclusions(elsewhere, other, [{ at, ids: '2', manifestMd5 }]);
  await expect(readExclusions(elsewhere, testSeal)).rejects.toThrow(/ffhq exclude --from/);
  const name = join(statePaths.exclusions, 'list-000001.json');
  const text = await readFile(join(out, name), 'utf8');
  await writeFile(join(elsewhere, name), text);
  await expect(readExclusions(elsewhere, testSeal)).rejects.toThrow(/ffhq exclude --from/);
  await writeFile(join(out, name), text.replace('"1"', '"3"'));
  await expect(readExclusions(out, testSeal)).rejects.toThrow(/ffhq exclude --from/);
  await expect(addExclusions(out, testSeal, [{ at, ids: '4', manifestMd5 }])).rejects.toThrow(/--from/);
  const { now } = await addExclusions(out, testSeal, [{ at, ids: '4', manifestMd5 }], { over: true });
  expect(now.entries.map(({ ids }) => ids)).toEqual(['4']);
  expect(await readExclusions(out, testSeal)).toEqual(now);
});

test('a run goes on where its list has grown, and not where it is gone', async () => {
  const out = await folder();
  const { now } = await addExclusions(out, testSeal, [{ at, ids: '1', manifestMd5 }]);
  const store = { path: out, id: '', exclusions: now.digest };
  await addExclusions(out, testSeal, [{ at, ids: '2', manifestMd5 }]);
  await expect(checkExclusions(out, store, testSeal)).resolves.toBeUndefined();
  await rm(join(out, statePaths.exclusions), { recursive: true });
  await expect(checkExclusions(out, store, testSeal)).rejects.toThrow(/expected the exclusion list/);
  await expect(checkExclusions(out, { path: out, id: '' }, testSeal)).resolves.toBeUndefined();
});

test('a ledger passes only texts off as the published one that this key wrote for this folder', async () => {
  const out = await folder();
  const text = 'b'.repeat(32) as Md5;
  const line = { what: 'manifest', at, manifest: manifestMd5, text, size: 1, records: 1 } as const;
  await addToLedger(out, other, [line]);
  await writeFile(join(out, statePaths.exclusionLedger), `${JSON.stringify(line)}\n`, { flag: 'a' });
  expect((await readLedger(out, testSeal)).publishedOf(text)).toBe(text);
  const removed = {
    what: 'record',
    at,
    manifest: manifestMd5,
    id: 7 as ImageId,
    record: 'c'.repeat(64),
    files: {},
  };
  await addToLedger(out, testSeal, [line, { ...removed, what: 'record' }]);
  const ledger = await readLedger(out, testSeal);
  expect(ledger.publishedOf(text)).toBe(manifestMd5);
  expect([...ledger.removedOf(manifestMd5)]).toEqual([7]);
  expect(ledger.removedOf(text).size).toBe(0);
});
