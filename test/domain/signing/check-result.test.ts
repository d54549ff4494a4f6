import { describe, expect, test } from 'vitest';
import { failureReasons } from '../../../src/domain/failure/reasons.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import { HOUR } from '../../../src/domain/run/time-units.ts';
import { takenOfResult, takenOfSignal } from '../../../src/domain/signing/check-result.ts';

const now = Date.UTC(2026, 0, 31);
const md5 = '0123456789abcdef'.repeat(2);
const counts = { files: 3, bytes: 30, doneFiles: 1, doneBytes: 10 };
const tally = {
  ...emptyTally,
  ...counts,
  ...{ fetchedFiles: 1, fetchedBytes: 10, identicalFiles: 1, swept: { files: 1, bytes: 5 } },
  ...{ failedFiles: 1, deferredFiles: 1, failures: { quota: { count: 1, first: ['7'] } } },
};
const shard = { kind: 'align', folder: '00000', ...counts, identicalFiles: 1, holdsOriginals: true };
const bundles = [{ ids: '0-2,9', files: 4, bytes: 40 }];
const settled = { tally, failedIds: '7', noRoom: true, interrupted: false };
const deferred = { ids: '8', reason: 'quota', waitMs: 4 * HOUR, firstMs: 4 * HOUR, baseMs: HOUR };
const wait = { until: now + 24 * HOUR, since: now - HOUR, times: 3, reason: 'quota' };
const carried = { tally, settledIds: '0-7', signalsSent: 2 };

/** With every field that workers of this version give. */
const honest: Readonly<Record<string, object>> = {
  loadManifest: { md5, records: 70_000, bytes: 267_793_842 },
  planPhotos: { md5, records: 2, bytes: 100 },
  planRun: {
    shards: [shard],
    kinds: { align: tally },
    largeFiles: [{ kind: 'tfrecords', key: 'ffhq-r10', path: 'tfrecords/ffhq/ffhq-r10.tfrecords', size: 9 }],
  },
  planShard: {
    ...counts,
    ...{ identicalFiles: 1, waitingFiles: 1, swept: { files: 1, bytes: 5 }, bundles, lookFirst: bundles },
  },
  fetchBundle: { ...settled, deferred },
  alignBundle: settled,
  fetchRange: { ...settled, size: 10, failure: 'quota: later' },
  writeReport: { status: 'complete with failures', foreignFiles: 2 },
  processShard: {
    carried: { ...carried, waiting: [{ ...wait, ids: '8' }] },
    ...{ noRoom: true, manifestLost: true },
  },
  fetchLargeFile: { tally, failure: 'missing: gone', handedOver: true, waiting: wait },
};

test.each(Object.entries(honest))('an honest result of %s is taken with all that it says', (type, result) => {
  expect(takenOfResult(type, result, now)).toEqual({ value: result });
});

test('what a result holds beside the fields that this version knows goes no further', () => {
  const plan = { shards: [{ ...shard, carried: 7, until: 1e300 }], kinds: {}, largeFiles: [], state: {} };
  expect(takenOfResult('planRun', plan, now)).toEqual({
    value: { shards: [shard], kinds: {}, largeFiles: [] },
  });
  const more = { ...tally, more: 1, swept: { files: 1, bytes: 5, more: 1 } };
  expect(takenOfSignal('shardProgress', { kind: 'align', name: '00000', tally: more, x: {} })).toEqual({
    value: { kind: 'align', name: '00000', tally },
  });
});

test('results that nobody reads, and those of unknown names, are nothing', () => {
  for (const type of ['claimStore', 'releaseStore', 'planCrops', 'constructor', '__proto__', 'unheard'])
    expect(takenOfResult(type, { store: '/home' }, now)).toEqual({ value: undefined });
});

test('files whose time has come while their bundle was worked on may be said to wait no longer', () => {
  const result = { ...settled, deferred: { ...deferred, waitMs: -3_000 } };
  expect(takenOfResult('fetchBundle', result, now)).toEqual({ value: result });
});

test('all reasons of the book are taken, and of long keys the beginning', () => {
  const failures = Object.fromEntries(failureReasons.map((reason) => [reason, { count: 1, first: ['a'] }]));
  const all = { ...settled, tally: { ...tally, failures } };
  expect(takenOfResult('fetchBundle', all, now)).toEqual({ value: all });
  const long = { quota: { count: 1, first: ['x'.repeat(4_000)] } };
  const result = { ...settled, tally: { ...tally, failures: long } };
  expect(takenOfResult('fetchBundle', result, now)).toMatchObject({
    value: { tally: { failures: { quota: { first: ['x'.repeat(256)] } } } },
  });
});

const entry = '{"count":1,"first":["x"]}';
const withFailures = (failures: string): unknown =>
  JSON.parse(JSON.stringify({ ...tally, failures: 'HERE' }).replace('"HERE"', failures));

describe('refused, in a sentence', () => {
  test.each<[string, string, unknown]>([
    [
      'a failure by an inherited name',
      'fetchBundle',
      { ...settled, tally: withFailures(`{"toString":${entry}}`) },
    ],
    ['a failure by __proto__', 'fetchBundle', { ...settled, tally: withFailures(`{"__proto__":${entry}}`) }],
    [
      'a failure of no known reason',
      'fetchBundle',
      { ...settled, tally: withFailures(`{"tired":${entry}}`) },
    ],
    [
      'a wait of no known reason',
      'fetchBundle',
      { ...settled, deferred: { ...deferred, reason: 'constructor' } },
    ],
    ['a wait of no number', 'fetchBundle', { ...settled, deferred: { ...deferred, waitMs: null } }],
    ['counts that are no whole numbers', 'planShard', { ...counts, files: 0.5, bundles }],
    ['counts below nothing', 'writeReport', { status: 'complete', foreignFiles: -1 }],
    ...[now + 61 * 24 * HOUR, 8.64e15, 1e300, -1, null].map((until): [string, string, unknown] => [
      `a wait until ${until}`,
      'processShard',
      { carried: { ...carried, waiting: [{ ...wait, ids: '', until }] } },
    ]),
    ...[0, -1, 0.5, 1e300, null].map((times): [string, string, unknown] => [
      `a wait after ${times} refusals`,
      'fetchLargeFile',
      { tally, waiting: { ...wait, times } },
    ]),
    ['a wait since no date', 'fetchLargeFile', { tally, waiting: { ...wait, since: 8.64e15 } }],
    [
      'more groups of files that wait than there are',
      'processShard',
      { carried: { ...carried, waiting: Array(21).fill({ ...wait, ids: '' }) } },
    ],
    [
      'more failures than are shown',
      'alignBundle',
      { ...settled, tally: withFailures(`{"quota":{"count":11,"first":[${Array(11).fill('"x"')}]}}`) },
    ],
  ])('%s', (_what, type, result) => {
    const sentence = new RegExp(`^result \\[type=${type}\\] \\[[\\w.]+\\]: expected .+, got something else$`);
    expect(takenOfResult(type, result, now)).toEqual({ refusal: expect.stringMatching(sentence) });
  });
});

test('a Signal with a tally that nobody counts is refused', () => {
  for (const name of ['toString', '__proto__']) {
    const signal = { kind: 'align', name: '00000', tally: withFailures(`{"${name}":${entry}}`) };
    expect(takenOfSignal('shardProgress', signal)).toHaveProperty('refusal');
  }
});
