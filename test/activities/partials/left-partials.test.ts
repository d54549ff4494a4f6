import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyPartial } from '../../../src/activities/partials/copy-partial.ts';
import { partialsOf, surveyFolder } from '../../../src/activities/partials/folder-survey.ts';
import { largestPartial, sweepPartials } from '../../../src/activities/partials/left-partials.ts';
import { PartialFile, type Resuming } from '../../../src/activities/partials/partial-file.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { ownedPartial, releasedPartial } from '../../../src/domain/dataset/partial-name.ts';

const identityOf = (pid: number, host: string) => `${pid}@${host}/abcdef01/0a0b0c0d/77`;
const dead = new Set<string>();
const writer = (pid: number, host = 'here') =>
  new WriterProcess(identityOf(pid, host), (who) => dead.has(who));

const TARGET = '00042.png';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-left-'));
  dead.clear();
});
afterEach(() => rm(folder, { recursive: true }));

/** What a writer left `seconds` ago that was cut off. */
async function leave(who: WriterProcess, text: string, seconds = 0, target = TARGET): Promise<string> {
  const name = ownedPartial(target, who.beginAttempt());
  await writeFile(join(folder, name), text);
  const then = new Date(Date.now() - seconds * 1000);
  await utimes(join(folder, name), then, then);
  return name;
}

const left = async (target = TARGET) => partialsOf(await surveyFolder(folder), target);

async function take(how: Resuming = { resumes: true }, target = TARGET): Promise<PartialFile> {
  return PartialFile.take(folder, target, await left(target), writer(9), how);
}

async function sweep(target = TARGET) {
  return sweepPartials(folder, target, await left(target), writer(9));
}

test('a stored file`s leftovers go, except those that somebody may still write', async () => {
  const alive = await leave(writer(1), 'x');
  await leave(writer(2), 'yy');
  dead.add(identityOf(2, 'here'));
  await writeFile(join(folder, releasedPartial(TARGET)), 'zzz');
  const others = [`${TARGET}.tmp.${'0a'.repeat(16)}`, '00043.png.ffhq-part'];
  for (const name of others) await writeFile(join(folder, name), 'not ours to judge');
  expect(await sweep()).toEqual({ files: 2, bytes: 5 });
  expect((await readdir(folder)).sort()).toEqual([...others, alive].sort());
});

test('what a host or container that is no more left of a stored file goes after five minutes, not before', async () => {
  const name = await leave(writer(1, 'elsewhere'), 'half', 290);
  expect(await sweep()).toBeUndefined();
  expect(await readdir(folder)).toEqual([name]);
  const then = new Date(Date.now() - 310_000);
  await utimes(join(folder, name), then, then);
  expect(await sweep()).toEqual({ files: 1, bytes: 4 });
  expect(await readdir(folder)).toEqual([]);
});

test.each(['elsewhere', 'here'])(
  'who would rather wait is told so while a writer %s may still write, and leaves everything as it is',
  async (host) => {
    const held = await leave(writer(1, host), 'ninety-five percent');
    await writeFile(join(folder, releasedPartial(TARGET)), 'five');
    await expect(take({ resumes: true, whileHeld: 'wait' })).rejects.toMatchObject({
      reason: 'partial-held',
    });
    expect((await readdir(folder)).sort()).toEqual([releasedPartial(TARGET), held].sort());
    const hurried = await take();
    expect(hurried.size).toBe(4);
    await hurried.discard();
  },
);

test.each(['elsewhere', 'here'])(
  'what a writer %s has written so far, who may live, is gone on with as a copy; the writer`s own is not touched',
  async (host) => {
    const held = await leave(writer(1, host), 'ninety-five percent');
    await writeFile(join(folder, releasedPartial(TARGET)), 'five');
    const partial = await take({ resumes: true, whileHeld: 'copy' });
    expect(partial.size).toBe(19);
    await partial.append([Buffer.from(' and the rest')]);
    expect(await readFile(join(folder, held), 'utf8')).toBe('ninety-five percent');
    await partial.promote();
    expect(await readFile(join(folder, TARGET), 'utf8')).toBe('ninety-five percent and the rest');
    expect(await sweep()).toEqual({ files: 1, bytes: 4 });
    expect((await readdir(folder)).sort()).toEqual([TARGET, held].sort());
  },
);

test('nobody waits for less than what there is to go on with', async () => {
  await leave(writer(1, 'elsewhere'), 'less');
  await writeFile(join(folder, releasedPartial(TARGET)), 'much more');
  const partial = await take({ resumes: true, whileHeld: 'wait' });
  expect(partial.size).toBe(9);
  await partial.discard();
});

test('what is larger than the file that is to come is nobody`s part of it: not copied, not waited for, not counted', async () => {
  const most = 4;
  for (const whileHeld of ['copy', 'wait', 'leave'] as const) {
    const held = await leave(writer(1, 'elsewhere'), 'far too much');
    await writeFile(join(folder, releasedPartial(TARGET)), 'also too much');
    const asked: number[] = [];
    const checkSpace = async (bytes: number) => void asked.push(bytes);
    const partial = await take({ resumes: true, whileHeld, most, checkSpace });
    expect([partial.size, ...asked]).toEqual([0]);
    expect(await largestPartial(folder, await left(), most)).toBe(0);
    await partial.discard();
    await rm(join(folder, held));
  }
});

test('what was written to in a time to come is free as what was written to long ago', async () => {
  await leave(writer(1, 'elsewhere'), 'half', -3_000_000);
  const partial = await take({ resumes: true, whileHeld: 'wait' });
  expect(partial.size).toBe(4);
  await partial.discard();
});

test('what was stale a moment ago is its taker`s, also in the eyes of a third host', async () => {
  await leave(writer(1, 'elsewhere'), 'half', 3_000);
  const partial = await take();
  expect(partial.size).toBe(4);
  const third = await PartialFile.take(folder, TARGET, await left(), writer(1, 'third'), { resumes: true });
  expect(third.size).toBe(0);
  await third.discard();
  await partial.append([Buffer.from('more')]);
  await partial.promote();
  expect(await readFile(join(folder, TARGET), 'utf8')).toBe('halfmore');
});

test('a file with the longest name that there is comes in pieces like any other', async () => {
  const target = `${'n'.repeat(251)}.png`;
  const first = await take({ resumes: true }, target);
  await first.append([Buffer.from('half')]);
  await first.release();
  const second = await take({ resumes: true }, target);
  expect(second.size).toBe(4);
  await second.append([Buffer.from('more')]);
  await second.promote();
  const name = await leave(writer(1, 'elsewhere'), 'half', 310, target);
  expect(await largestPartial(folder, await left(target), 4)).toBe(4);
  expect(await sweep(target)).toEqual({ files: 1, bytes: 4 });
  expect(name.length).toBeLessThan(255);
  expect(await readdir(folder)).toEqual([target]);
});

test('a living writer that has not written for five minutes is not waited for', async () => {
  await leave(writer(1), 'hangs', 310);
  const partial = await take({ resumes: true, whileHeld: 'wait' });
  expect(partial.size).toBe(0);
  await partial.discard();
});

test('a copy ends with what is there, though the writer took some back, and asks for room first', async () => {
  const held = join(folder, await leave(writer(1), 'short'));
  expect(await copyPartial(held, join(folder, 'copy'), 1_000)).toBe(true);
  expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('short');
  expect(await copyPartial(join(folder, 'nothing'), join(folder, 'none'), 5)).toBe(false);
  const full = async () => Promise.reject(new Error('no room'));
  await expect(take({ resumes: true, whileHeld: 'copy', checkSpace: full })).rejects.toThrow('no room');
  expect((await readdir(folder)).filter((name) => name !== 'copy')).toHaveLength(1);
});

test('of two that are equally large the free one is taken, and nothing is copied', async () => {
  await leave(writer(1), 'same');
  await writeFile(join(folder, releasedPartial(TARGET)), 'same');
  const partial = await take({ resumes: true, whileHeld: 'copy' });
  expect(await readdir(folder)).not.toContain(releasedPartial(TARGET));
  await partial.discard();
});
