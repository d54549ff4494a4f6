import { expect, test } from 'vitest';
import { type ChildProgress, emptyTally, type RunProgress } from '../../../src/domain/run/progress.ts';
import { childDetails, runDetails } from '../../../src/domain/words/details.ts';

const GIB = 1024 ** 3;

const wholeDataset: RunProgress = {
  stage: 'fetch',
  paused: false,
  at: '2026-01-31T22:05:59.123Z',
  kinds: {
    json: { ...emptyTally, files: 1, bytes: 267_793_842, doneFiles: 1, doneBytes: 267_793_842 },
    images: { ...emptyTally, files: 70_000, bytes: 89.1 * GIB, doneFiles: 69_999, doneBytes: 89.09 * GIB },
    wilds: {
      ...emptyTally,
      files: 70_000,
      bytes: 955 * GIB,
      doneFiles: 31_234,
      doneBytes: 1023.9 * 1024 ** 2,
      failedFiles: 14,
      failures: {
        missing: { count: 12, first: ['17', '5', '1003'] },
        'wrong-md5': { count: 2, first: ['40', '69999'] },
      },
    },
  },
  waits: [{ what: 'thumbs 01000: 3 files', reason: 'quota', until: '2026-02-01T02:00:00.000Z' }],
  children: [],
};

const shard: ChildProgress = {
  kind: 'images',
  name: '01000',
  paused: false,
  at: '2026-01-31T22:05:59.123Z',
  tally: { ...emptyTally, files: 1000, bytes: GIB, doneFiles: 900, doneBytes: 0.9 * GIB },
  waits: [],
};

test('the figures of the whole dataset fit into the panel of a small screen, in aligned columns', () => {
  const block = runDetails(wholeDataset).split('```')[1]?.trim().split('\n') ?? [];
  expect(block).toHaveLength(4);
  expect(new Set(block.slice(1).map((line) => line.length)).size).toBe(1);
  expect(Math.max(...block.map((line) => line.length))).toBeLessThanOrEqual(58);
});

test('nothing is nested, because the UI would show it as running text', () => {
  expect(runDetails(wholeDataset)).not.toMatch(/^[ \t]+-/m);
});

test('a failure is named by kind, count, reason and the first ids, in order and as files are named', () => {
  const details = runDetails(wholeDataset);
  expect(details).toContain('- wilds: 12 **missing** (00005, 00017, 01003, ...)');
  expect(details).toContain('- wilds: 2 **wrong-md5** (00040, 69999)');
});

test('a wait says what waits, why, and until when', () => {
  expect(runDetails(wholeDataset)).toContain(
    '- thumbs 01000: 3 files: **quota**; next try 2026-02-01 02:00:00 UTC',
  );
});

test('100 % is said of a kind only when nothing of it is missing', () => {
  const details = runDetails(wholeDataset);
  expect(details).toMatch(/^json +100\.0 %/m);
  expect(details).toMatch(/^images +99\.\d %/m);
});

test.each([
  ['paused', { paused: true }],
  ['looking at what is there', { tally: emptyTally }],
  ['in progress', {}],
  ['done', { tally: { ...shard.tally, doneFiles: 998, failedFiles: 2 } }],
  ['done but for files that wait', { tally: { ...shard.tally, doneFiles: 998, deferredFiles: 2 } }],
])('a shard says that it is %s, and when that was true', (state, change) => {
  const [head] = childDetails({ ...shard, ...change }).split('\n');
  expect(head).toBe(`**images 01000**: ${state}, as of 2026-01-31 22:05:59 UTC`);
});
