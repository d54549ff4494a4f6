import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppendLog } from '../../../src/activities/records/append-log.ts';
import { GrowingLog } from '../../../src/activities/records/growing-log.ts';

interface Line {
  readonly n: number;
}
const isLine = (value: unknown): value is Line => typeof (value as Line | null)?.n === 'number';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'ffhq-test-log-')), 'not', 'yet');
});
afterEach(() => rm(join(folder, '../..'), { recursive: true }));

const numbers = async () =>
  [...(await new GrowingLog(folder, isLine).read()).values()].flat().map(({ n }) => n);

test('lines of two writers are merged, each writer`s in its order', async () => {
  const [a, b] = [new AppendLog<Line>('wa'), new AppendLog<Line>('wb')];
  await Promise.all([a.append(folder, [{ n: 1 }, { n: 2 }]), b.append(folder, [{ n: 10 }])]);
  await a.append(folder, [{ n: 3 }]);
  expect(await numbers()).toEqual([1, 2, 3, 10]);
  expect((await readdir(folder)).sort()).toEqual(['wa.jsonl', 'wb.jsonl']);
});

test('lines of one process that are appended at once are all there', async () => {
  const log = new AppendLog<Line>('w');
  await Promise.all(Array.from({ length: 50 }, (_, n) => log.append(folder, [{ n }])));
  expect((await numbers()).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('a torn line is ignored, and the next one is not lost with it', async () => {
  const log = new AppendLog<Line>('w');
  await log.append(folder, [{ n: 1 }]);
  await appendFile(join(folder, 'w.jsonl'), '{"n": 2, "tor');
  expect(await numbers()).toEqual([1]);
  await log.append(folder, [{ n: 3 }]);
  expect(await numbers()).toEqual([1, 3]);
});

test('a folder that is not there, other files in it and lines of another form hold nothing', async () => {
  expect(await numbers()).toEqual([]);
  await new AppendLog<unknown>('w').append(folder, [{ m: 1 }, null, 'x', { n: 1 }]);
  await appendFile(join(folder, 'notes.txt'), '{"n": 5}\n');
  expect(await numbers()).toEqual([1]);
});

test('nothing to say makes no file', async () => {
  await new AppendLog<Line>('w').append(folder, []);
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
});
