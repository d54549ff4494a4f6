import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  PartialFile,
  PartialLostError,
  removeAbandoned,
  surveyFolder,
} from '../../../src/activities/store/partial-file.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';

const PLACE = 'abcdef01';
const identityOf = (pid: number, host = 'here') => `${pid}@${host}/${PLACE}/0a0b0c0d/77`;
const dead = new Set<string>();
const writer = (pid: number, host?: string) =>
  new WriterProcess(identityOf(pid, host), (who) => dead.has(who));

const taken: PartialFile[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-partial-'));
  dead.clear();
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(taken.splice(0).map((partial) => partial.release()));
  await rm(folder, { recursive: true });
});

const TARGET = '00042.png';
const bytes = (text: string) => Buffer.from(text);

async function take(me: WriterProcess, resume = true): Promise<PartialFile> {
  const partial = await PartialFile.take(
    folder,
    TARGET,
    (await surveyFolder(folder)).partials.get(TARGET) ?? [],
    me,
    resume,
  );
  taken.push(partial);
  return partial;
}

test('a finished file appears under its name as a whole, and nothing else is left', async () => {
  const partial = await take(writer(1));
  await partial.append([bytes('half')]);
  expect(await readdir(folder)).not.toContain(TARGET);
  await partial.append([bytes('whole')]);
  await partial.sync();
  const placed = await partial.promote();
  expect(placed.size).toBe(9);
  await partial.release();
  await partial.discard();
  expect(await readdir(folder)).toEqual([TARGET]);
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfwhole');
});

test('what an attempt released is gone on with, by whoever comes next', async () => {
  const first = await take(writer(1));
  await first.append([bytes('half')]);
  await first.release();
  expect(await readdir(folder)).toEqual([`${TARGET}.ffhq-part`]);
  const second = await take(writer(2, 'elsewhere'));
  expect(second.size).toBe(4);
  await second.append([bytes('more')]);
  await second.promote();
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
});

test('an attempt that wrote nothing leaves nothing', async () => {
  await (await take(writer(1))).release();
  expect(await readdir(folder)).toEqual([]);
});

test('of two that were released the larger one stays', async () => {
  const [a, b] = [await take(writer(1)), await take(writer(2))];
  await a.append([bytes('longer')]);
  await b.append([bytes('short')]);
  await a.release();
  await b.release();
  expect((await take(writer(3))).size).toBe(6);
});

test('the partial file of a dead process of this host is taken, that of a living one is not', async () => {
  const partial = await take(writer(1));
  await partial.append([bytes('half')]);
  const other = await take(writer(2));
  expect(other.size).toBe(0);
  await other.release();
  dead.add(identityOf(1));
  expect((await take(writer(3))).size).toBe(4);
});

test('an attempt of the same process that still writes is left alone; one that ended is not', async () => {
  const me = writer(1);
  const running = await take(me);
  await running.append([bytes('half')]);
  const overlapping = await take(me);
  expect(overlapping.size).toBe(0);
  await overlapping.discard();
  await running.release();
  expect((await take(me)).size).toBe(4);
});

test('a writer of another host that wrote a moment ago is left alone', async () => {
  const partial = await take(writer(1, 'elsewhere'));
  await partial.append([bytes('half')]);
  const other = await take(writer(1));
  expect(other.size).toBe(0);
  await other.discard();
});

test('what a writer of another host left five minutes ago, by the share`s own clock, is gone on with', async () => {
  const elsewhere = writer(1, 'elsewhere');
  const partial = await take(elsewhere);
  await partial.append([bytes('half')]);
  const [name = ''] = await readdir(folder);
  const ago = async (seconds: number) => {
    const then = new Date(Date.now() - seconds * 1000);
    await utimes(join(folder, name), then, then);
  };
  await ago(290);
  const early = await take(writer(1));
  expect(early.size).toBe(0);
  await early.discard();
  await ago(310);
  const late = await take(writer(1));
  expect(late.size).toBe(4);
  await late.append([bytes('more')]);
  await late.promote();
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
});

test('who was taken over writes no further byte and puts nothing in place', async () => {
  const asleep = await take(writer(1));
  await asleep.append([bytes('half')]);
  dead.add(identityOf(1));
  const taker = await take(writer(2));
  await taker.append([bytes('more')]);
  // It sleeps on for two seconds, by its own clock; the false one begins at zero.
  const fellAsleep = performance.now();
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(fellAsleep + 2_000);
  await expect(asleep.append([bytes('late')])).rejects.toThrow(PartialLostError);
  await expect(asleep.truncate(0)).rejects.toThrow(PartialLostError);
  await expect(asleep.promote()).rejects.toThrow(PartialLostError);
  await asleep.release();
  await taker.promote();
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
  expect(await readdir(folder)).toEqual([TARGET]);
});

test('only one of many gets a released file', async () => {
  const first = await take(writer(1));
  await first.append([bytes('half')]);
  await first.release();
  const names = (await surveyFolder(folder)).partials.get(TARGET) ?? [];
  const takers = await Promise.all(
    Array.from({ length: 8 }, (_, pid) => PartialFile.take(folder, TARGET, names, writer(100 + pid), true)),
  );
  expect(takers.map(({ size }) => size).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 4]);
  await Promise.all(takers.map((taker) => taker.discard()));
});

test('without a digest to tell, nothing is gone on with', async () => {
  const first = await take(writer(1));
  await first.append([bytes('half')]);
  await first.release();
  const second = await take(writer(2), false);
  expect(second.size).toBe(0);
  await second.discard();
});

test('a stored file`s leftovers go, except those that somebody may still write', async () => {
  const alive = await take(writer(1));
  await alive.append([bytes('x')]);
  const gone = await take(writer(2));
  await gone.append([bytes('y')]);
  dead.add(identityOf(2));
  await writeFile(join(folder, `${TARGET}.ffhq-part`), 'z');
  await writeFile(join(folder, `${TARGET}.tmp.${'0a'.repeat(16)}`), 'of the reference');
  const left = (await surveyFolder(folder)).partials.get(TARGET) ?? [];
  expect(left.length).toBe(3);
  await removeAbandoned(folder, left, writer(3));
  const names = await readdir(folder);
  expect(names.length).toBe(2);
  expect(names.some((name) => name.includes('.tmp.'))).toBe(true);
  expect(names.some((name) => name.startsWith(`${TARGET}.w1-`))).toBe(true);
});
