import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiedInHandError } from '../../../src/activities/alone/run-alone.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { Hands, type NotesOfRun } from '../../../src/activities/store/hands.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { testSeal } from '../../support/test-key.ts';

const file = { kind: 'images', key: '7' } as const;
const signal = new AbortController().signal;

let root: string;
let lives: number;
const open: NotesOfRun[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-hands-'));
  lives = 0;
});
afterEach(async () => {
  for (const notes of open.splice(0)) await notes.close();
  await rm(root, { recursive: true });
});

/** What the next worker process of this host knows, when all before it are gone. */
async function nextLife(seal = testSeal, run = 'run'): Promise<NotesOfRun> {
  const pid = 1_000 + ++lives;
  const writer = new WriterProcess(`${pid}@host/0a0a0a0a/0b0b0b0b/${pid}`, () => true);
  const notes = await new Hands(writer, seal).ofRun(root, run);
  open.push(notes);
  return notes;
}

/** Comes to the work on a file and never out of it; answers whether the file had a process of its own. */
function killedIn(notes: NotesOfRun, inHand: { readonly kind: 'images'; readonly key: string } = file) {
  return new Promise<boolean>((resolve) => {
    void notes.hold(inHand, signal, (alone) => {
      resolve(alone);
      return new Promise(() => {});
    });
  });
}

const dies = () => Promise.reject(new DiedInHandError('process', 'SIGKILL'));

test('a file in hand when its worker was killed is tried alone by the next one, and others are not', async () => {
  expect(await killedIn(await nextLife())).toBe(false);
  const notes = await nextLife();
  expect(await notes.hold(file, signal, async (alone) => alone)).toBe(true);
  expect(await notes.hold({ kind: 'images', key: '8' }, signal, async (alone) => alone)).toBe(false);
  // It was right: suspicion is over.
  expect(await notes.hold(file, signal, async (alone) => alone)).toBe(false);
});

test('thirty kills of workers, each with files in hand, give up none of them', async () => {
  for (let life = 1; life <= 30; life++) {
    const notes = await nextLife();
    const inHand = [0, 1, 2, 3].map((nth) => ({ kind: 'images', key: String(life + nth) }) as const);
    for (const one of inHand) {
      expect(notes.isGivenUp(one)).toBe(false);
      // What is tried alone ends well, since nothing is wrong with it.
      await notes.hold(one, signal, async () => {});
    }
    await Promise.all(inHand.map((one) => killedIn(notes, one)));
  }
  const notes = await nextLife();
  for (let key = 1; key <= 33; key++)
    expect(notes.isGivenUp({ kind: 'images', key: String(key) })).toBe(false);
});

test('a file is given up when two processes of its own died of it, also under different workers', async () => {
  await killedIn(await nextLife());
  const first = await nextLife();
  await expect(first.hold(file, signal, dies)).rejects.toThrow(DiedInHandError);
  expect(first.isGivenUp(file)).toBe(false);
  const second = await nextLife();
  expect(second.isGivenUp(file)).toBe(false);
  await expect(second.hold(file, signal, dies)).rejects.toThrow(DiedInHandError);
  expect(second.isGivenUp(file)).toBe(true);
  expect((await nextLife()).isGivenUp(file)).toBe(true);
});

test('where the worker dies along with the process of its own, that ends too', async () => {
  await killedIn(await nextLife());
  for (let time = 1; time <= 5; time++) {
    const notes = await nextLife();
    expect(notes.isGivenUp(file)).toBe(false);
    expect(await killedIn(notes)).toBe(true);
  }
  expect((await nextLife()).isGivenUp(file)).toBe(true);
});

test('a trial that is over is not held against its file when the worker is killed afterwards', async () => {
  await killedIn(await nextLife());
  for (let life = 1; life <= 10; life++) {
    const notes = await nextLife();
    const trial = notes.hold(file, signal, () => Promise.reject(new Error('the disk was full')));
    await expect(trial).rejects.toThrow('the disk was full');
  }
  expect((await nextLife()).isGivenUp(file)).toBe(false);
});

test('a thread that dies makes its files suspect, and charges none of them', async () => {
  const notes = await nextLife();
  await expect(notes.hold(file, signal, dies)).rejects.toThrow(DiedInHandError);
  expect(notes.isGivenUp(file)).toBe(false);
  expect(await notes.hold(file, signal, async (alone) => alone)).toBe(true);
});

test('notes of processes that are gone do not pile up', async () => {
  for (let life = 1; life <= 20; life++) await killedIn(await nextLife());
  expect((await readdir(join(root, statePaths.hands('run')))).length).toBeLessThanOrEqual(2);
});

test('what somebody else noted, or was noted of another run, gives up no file, and its notes stay', async () => {
  const otherSeal = new Seal(Buffer.alloc(32, 'other'));
  await killedIn(await nextLife(otherSeal));
  for (const _ of [1, 2])
    await expect((await nextLife(otherSeal)).hold(file, signal, dies)).rejects.toThrow(DiedInHandError);
  expect((await nextLife()).isGivenUp(file)).toBe(false);
  // Copied from another run's folder, with our own mark.
  await mkdir(dirname(join(root, statePaths.hands('another'))), { recursive: true });
  await rename(join(root, statePaths.hands('run')), join(root, statePaths.hands('another')));
  expect((await nextLife(otherSeal, 'another')).isGivenUp(file)).toBe(false);
  await rename(join(root, statePaths.hands('another')), join(root, statePaths.hands('run')));
  expect((await nextLife(otherSeal)).isGivenUp(file)).toBe(true);
});
