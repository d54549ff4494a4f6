import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findingsOf } from './judge/findings.ts';
import { judgeAll, StateBook, type Verdict } from './judge/judge-all.ts';
import { type Law, laws } from './judge/laws.ts';
import { recordWith } from './recordings/session.ts';
import { chosen } from './states/crash-states.ts';
import { allWays } from './states/losses.ts';

/** Of some thousand: `npm run crash-states -- --all` looks at every one. */
const STATES = 300;

let root: string;
let verdicts: readonly Verdict[];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-crash-states-'));
  const recordings = await recordWith(inject('temporalAddress'), root);
  const book = new StateBook(recordings);
  verdicts = await judgeAll(recordings, book, chosen(book.all(), STATES));
}, 400_000);
afterAll(() => rm(root, { recursive: true, force: true }));

test('300 states of power cuts: in every recorded command, after every kind of operation, with every kind of loss', () => {
  expect(verdicts.length).toBe(STATES);
  const states = verdicts.map(({ state }) => state);
  expect(new Set(states.map(({ recording }) => recording)).size).toBe(6);
  expect(new Set(states.map(({ way }) => way)).size).toBe(allWays.length);
  const kinds = new Set(states.map(({ last }) => last?.kind));
  for (const kind of ['create', 'write', 'sync', 'rename', 'link', 'unlink', 'mkdir', 'rmdir'] as const)
    expect(kinds).toContain(kind);
});

test.each(Object.entries(laws) as [Law, string][])('after a power cut (%s): %s', (law) => {
  const broken = findingsOf(verdicts).filter((finding) => finding.law === law);
  expect(broken.map(({ manner, ids }) => `${manner} [${ids.length} states, first ${ids[0]}]`)).toEqual([]);
});
