import { appendFile, cp, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GrowingLog } from '../../../src/activities/records/growing-log.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { SeenRecord } from '../../../src/domain/verify/verification-record.ts';
import { testSeal } from '../../support/test-key.ts';

let store: string;
beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'ffhq-test-records-'));
});
afterEach(() => rm(store, { recursive: true }));

const group = ['images', '00000'] as const;

function record(file: string, changes: Partial<SeenRecord> = {}): SeenRecord {
  const md5 = 'a'.repeat(32) as Md5;
  return { file, size: 1, mtime: '1', md5, how: 'stored', run: 'r', at: '', turn: 1, ...changes };
}

test('the latest record of a file counts, whichever writer made it and however its name sorts', async () => {
  const early = new VerifiedLog('w9', testSeal);
  const late = new VerifiedLog('w1', testSeal);
  await early.append(store, ...group, record('a.png', { run: 'download' }));
  await late.append(store, ...group, record('a.png', { run: 'verify', turn: 2 }));
  const seen = (await early.read(store, ...group)).get('a.png');
  expect(seen?.map(({ run }) => run)).toEqual(['download', 'verify']);
});

test('a group that was read before is not read again: only what was added since', async () => {
  const folder = join(store, 'log');
  await mkdir(folder);
  const parsed: unknown[] = [];
  const log = new GrowingLog(folder, (value): value is number => {
    parsed.push(value);
    return typeof value === 'number';
  });
  expect([...(await log.read()).values()]).toEqual([]);
  await writeFile(join(folder, 'a.jsonl'), '\n1\n\n2\n');
  expect([...(await log.read()).values()].flat()).toEqual([1, 2]);
  const generation = log.generation;
  await log.read();
  expect([parsed, log.generation]).toEqual([[1, 2], generation]);

  // Torn, then closed off by the next writer: the half line is passed over, what comes behind it is not.
  await appendFile(join(folder, 'a.jsonl'), '\n[3');
  await log.read();
  await appendFile(join(folder, 'a.jsonl'), '\n4\n');
  await writeFile(join(folder, 'b.jsonl'), '5');
  expect([...(await log.read()).values()].flat()).toEqual([1, 2, 4, 5]);
  expect(parsed).toEqual([1, 2, 4, 5]);

  await rm(join(folder, 'a.jsonl'));
  expect([...(await log.read()).values()].flat()).toEqual([5]);
});

test('many that read a group at the same time, while it grows, miss nothing and see nothing twice', async () => {
  const folder = join(store, 'log');
  await mkdir(folder);
  const log = new GrowingLog(folder, (value): value is number => typeof value === 'number');
  const numbers = async () => [...(await log.read()).values()].flat();
  for (let round = 0; round < 50; round++) {
    await appendFile(join(folder, `${round % 3}.jsonl`), `\n${round}\n`);
    const seen = await Promise.all(Array.from({ length: 8 }, numbers));
    for (const one of seen)
      expect(one.toSorted((a, b) => a - b)).toEqual(Array.from({ length: round + 1 }, (_, n) => n));
  }
});

test('records of writers that are gone are merged into one file, and what they say stays', async () => {
  for (let run = 0; run < 12; run++) {
    const log = new VerifiedLog(`gone${run}`, testSeal);
    for (const file of ['a.png', 'b.png'])
      await log.append(store, ...group, record(file, { run: `run${run}`, turn: run + 1 }));
  }
  const alive = new VerifiedLog('alive', testSeal);
  await alive.append(store, ...group, record('c.png'));

  const log = new VerifiedLog('me', testSeal, (writer) => writer.startsWith('gone'));
  const before = await log.read(store, ...group);
  await log.compact(store, ...group);
  expect((await readdir(join(store, '.ffhq/verified/images/00000'))).sort()).toEqual([
    'alive.jsonl',
    'me.jsonl',
  ]);
  const after = await log.read(store, ...group);
  expect([...after.keys()].sort()).toEqual(['a.png', 'b.png', 'c.png']);
  for (const file of after.keys()) expect(after.get(file)).toEqual(before.get(file)?.slice(-1));

  // Little to gain: left alone.
  await log.compact(store, ...group);
  expect(await readdir(join(store, '.ffhq/verified/images/00000'))).toHaveLength(2);
});

test('records of writers of whom nobody can know are merged once they have been quiet for a week, and not before', async () => {
  const folder = join(store, '.ffhq/verified/images/00000');
  const names = Array.from({ length: 10 }, (_, nth) => `container${nth}`);
  for (const name of names)
    await new VerifiedLog(name, testSeal).append(store, ...group, record(`${name}.png`));
  const quietSince = (days: number, name: string) => {
    const then = Date.now() / 1000 - days * 24 * 3_600;
    return utimes(join(folder, `${name}.jsonl`), then, then);
  };
  const log = new VerifiedLog('me', testSeal);
  for (const name of names) await quietSince(6, name);
  await log.compact(store, ...group);
  expect(await readdir(folder)).toHaveLength(10);

  for (const name of names.slice(1)) await quietSince(8, name);
  await log.compact(store, ...group);
  expect((await readdir(folder)).sort()).toEqual(['container0.jsonl', 'me.jsonl']);
  expect([...(await log.read(store, ...group)).keys()].sort()).toEqual(names.map((name) => `${name}.png`));

  // One that comes back goes on, and the merged lines of this writer itself are never merged away.
  await new VerifiedLog('container3', testSeal).append(store, ...group, record('late.png'), { sync: true });
  await quietSince(8, 'me');
  await log.compact(store, ...group);
  expect([...(await log.read(store, ...group)).keys()]).toHaveLength(11);
});

test('records of one writer that are more than a call takes arguments are read', async () => {
  const folder = join(store, 'log');
  await mkdir(folder);
  const numbers = Array.from({ length: 200_000 }, (_, nth) => nth);
  await writeFile(join(folder, 'a.jsonl'), `${numbers.join('\n')}\n`);
  const log = new GrowingLog(folder, (value): value is number => typeof value === 'number');
  expect((await log.read()).get('a.jsonl')).toHaveLength(200_000);
});

const otherSeal = new Seal(Buffer.alloc(32, 'other'));

test('what another key noted stays as it is, however often the keys of a folder take turns; each knows its own', async () => {
  const folder = join(store, '.ffhq/verified/images/00000');
  const isGone = (writer: string) => writer.startsWith('gone');
  const keys = [testSeal, otherSeal];
  for (let turn = 0; turn < 20; turn++) {
    for (const [key, seal] of keys.entries()) {
      const gone = new VerifiedLog(`gone-${key}-${turn}`, seal);
      await gone.append(store, ...group, record(`${key}.png`, { run: `run${turn}`, turn: turn + 1 }));
      await new VerifiedLog(`gone-${key}-merged-${turn}`, seal, isGone).compact(store, ...group);
    }
  }
  // A record of a version before, which nobody has sealed, and half a line of one that was killed.
  await writeFile(join(folder, 'gone-old.jsonl'), `${JSON.stringify(record('old.png'))}\n`);
  await writeFile(join(folder, 'gone-torn.jsonl'), '\n{"file":"a.png","si');
  for (let look = 0; look < 9; look++) await writeFile(join(folder, `gone-${look}.jsonl`), '');
  for (const [key, seal] of keys.entries()) {
    const log = new VerifiedLog(`me${key}`, seal, isGone);
    await log.compact(store, ...group);
    const known = await log.read(store, ...group);
    expect([...known.keys()]).toEqual([`${key}.png`]);
    expect(known.get(`${key}.png`)?.at(-1)).toMatchObject({ run: 'run19' });
  }
  const left = await readdir(folder);
  expect(left).toContain('gone-old.jsonl');
  expect(left).not.toContain('gone-torn.jsonl');
  expect(left.length).toBeLessThan(24);
});

test('records serve in no other dataset folder, though the key is the same; in one that was copied as a whole they do', async () => {
  const named = async (name: string) => (await ensureStore(join(store, name))).path;
  const [mine, planted] = [await named('mine'), await named('planted')];
  const log = new VerifiedLog('w', testSeal);
  await log.append(mine, ...group, record('a.png'));
  const copied = join(store, 'copied');
  await cp(mine, copied, { recursive: true });
  await cp(join(mine, '.ffhq/verified'), join(planted, '.ffhq/verified'), { recursive: true });
  expect([...(await log.read(mine, ...group)).keys()]).toEqual(['a.png']);
  expect([...(await log.read(copied, ...group)).keys()]).toEqual(['a.png']);
  expect((await log.read(planted, ...group)).size).toBe(0);
  // Of two copies of the id either tells.
  await rm(join(copied, statePaths.store));
  expect([...(await log.read(copied, ...group)).keys()]).toEqual(['a.png']);
});
