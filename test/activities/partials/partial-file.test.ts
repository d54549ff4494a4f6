import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { partialsOf, surveyFolder } from '../../../src/activities/partials/folder-survey.ts';
import { PartialFile, PartialLostError } from '../../../src/activities/partials/partial-file.ts';
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
  const partial = await PartialFile.take(folder, TARGET, partialsOf(await surveyFolder(folder), TARGET), me, {
    resumes: resume,
  });
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

/** Two seconds, seen by one clock alone: a stopped process sees the steady one, a sleeping machine only the other. */
function sleepBy(clock: 'steady' | 'wall'): void {
  // The false steady clock begins at zero.
  const fellAsleep = performance.now();
  vi.useFakeTimers(clock === 'steady' ? { toFake: ['performance'] } : { toFake: ['Date'], now: Date.now() });
  if (clock === 'steady') vi.advanceTimersByTime(fellAsleep + 2_000);
  else vi.setSystemTime(Date.now() + 2_000);
}

test.each(['steady', 'wall'] as const)(
  'who was taken over while it slept by the %s clock writes no further byte and puts nothing in place',
  async (clock) => {
    const asleep = await take(writer(1));
    await asleep.append([bytes('half')]);
    dead.add(identityOf(1));
    const taker = await take(writer(2));
    await taker.append([bytes('more')]);
    sleepBy(clock);
    await expect(asleep.append([bytes('late')])).rejects.toThrow(PartialLostError);
    await expect(asleep.truncate(0)).rejects.toThrow(PartialLostError);
    await expect(asleep.promote()).rejects.toThrow(PartialLostError);
    await asleep.release();
    await taker.promote();
    expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
    expect(await readdir(folder)).toEqual([TARGET]);
  },
);

test('a clock that was set back makes an attempt look at its name, no more', async () => {
  const partial = await take(writer(1));
  await partial.append([bytes('half')]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  await partial.append([bytes('more')]);
  await partial.promote();
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
});

test('only one of many gets a released file', async () => {
  const first = await take(writer(1));
  await first.append([bytes('half')]);
  await first.release();
  const names = partialsOf(await surveyFolder(folder), TARGET);
  const takers = await Promise.all(
    Array.from({ length: 8 }, (_, pid) =>
      PartialFile.take(folder, TARGET, names, writer(100 + pid), { resumes: true }),
    ),
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
