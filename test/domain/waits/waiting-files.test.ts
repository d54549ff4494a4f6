import { expect, test } from 'vitest';
import type { ImageId } from '../../../src/domain/dataset/ids.ts';
import { HOUR } from '../../../src/domain/run/time-units.ts';
import type { WaitingFiles } from '../../../src/domain/run/workflow-inputs.ts';
import { withWaitsEnded } from '../../../src/domain/waits/quota-wait.ts';
import {
  afterAsking,
  boundedWaits,
  firstEnd,
  MOST_GROUPS,
  onlyOf,
  toldOfFiles,
  waitingIds,
} from '../../../src/domain/waits/waiting-files.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const idsOf = (...ids: number[]) => ids as ImageId[];
const asked = idsOf(1, 2, 3, 4, 5);
const refused = (ids: string) => ({ ids, reason: 'quota', waitMs: HOUR, firstMs: HOUR, baseMs: HOUR });
const after = (groups: readonly WaitingFiles[], ids: string, at: number, isOver = true) =>
  afterAsking(groups, { asked, deferred: ids === '' ? undefined : refused(ids), isOver }, at, () => 0);

test('files refused for the first time wait their hour beside those that wait for longer, and are no excuse for these', () => {
  const first = after([], '1-2', now);
  const second = after(first, '1,3', now + HOUR);
  expect(second).toEqual([
    { ids: '1', reason: 'quota', since: now, times: 2, until: now + 3 * HOUR },
    { ids: '3', reason: 'quota', since: now + HOUR, times: 1, until: now + 2 * HOUR },
  ]);
  expect(firstEnd(second)).toBe(now + 2 * HOUR);
  expect(waitingIds(second, now + 2 * HOUR)).toEqual([1]);
});

test('bundles that were refused equally often are asked for again together, when the first of them may be', () => {
  const one = after([], '1', now);
  expect(after(one, '2', now + 60_000, false)).toEqual([
    { ids: '1-2', reason: 'quota', since: now, times: 1, until: now + HOUR },
  ]);
});

test('what came, failed, or is planned no more waits for nothing; what was interrupted is remembered', () => {
  const waiting = after([], '1-3', now);
  expect(after(waiting, '', now + HOUR)).toEqual([]);
  expect(after(waiting, '', now + HOUR, false)).toEqual(waiting);
  expect(onlyOf(waiting, new Set(idsOf(2, 9)))).toEqual([{ ...waiting[0], ids: '2' }]);
  expect(onlyOf(waiting, new Set())).toEqual([]);
});

test('nobody makes a file wait that was not asked for', () => {
  expect(after([], '4-999', now)).toMatchObject([{ ids: '4-5' }]);
  expect(after([], '900-999', now)).toEqual([]);
});

test('however long files are refused, their groups stay few', () => {
  let groups: readonly WaitingFiles[] = [];
  for (let round = 0; round < 60; round++) {
    const end = firstEnd(groups) ?? now;
    const due = idsOf(...Array.from({ length: round + 1 }, (_, id) => id)).filter(
      (id) => !waitingIds(groups, end).includes(id),
    );
    const answer = { asked: due, deferred: refused(due.join(',')), isOver: true };
    groups = afterAsking(groups, answer, end, () => 0);
  }
  expect(groups.length).toBeLessThanOrEqual(MOST_GROUPS);
  // None is lost, and none is in two of them.
  const all = waitingIds(groups, now).sort((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: 60 }, (_, id) => id));
});

test('people read of the next try and of the longest wait', () => {
  const second = after(after([], '1-2', now), '1,3', now + HOUR);
  expect(toldOfFiles('images 00000', second)).toEqual([
    {
      ...{ what: 'images 00000: 2 files', reason: 'quota', times: 2 },
      ...{ since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T02:00:00.000Z' },
    },
  ]);
  expect(toldOfFiles('images 00000', [])).toEqual([]);
});

test('waits that are ended are over at once, and how often and since when is kept; a wait from elsewhere is bounded', () => {
  const waiting = after([], '1-2', now);
  expect(withWaitsEnded(waiting, now + 5)).toEqual([{ ...waiting[0], until: now + 5 }]);
  expect(withWaitsEnded(waiting, now + HOUR)).toBeUndefined();
  const far = waiting.map((group) => ({ ...group, until: now + 1_000 * HOUR }));
  expect(firstEnd(boundedWaits(far, now))).toBe(now + 24 * HOUR);
});
