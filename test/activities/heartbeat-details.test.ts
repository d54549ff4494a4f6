import { expect, test } from 'vitest';
import { readDetails } from '../../src/activities/heartbeat-details.ts';
import { expectLaw } from '../fuzz/law.ts';
import { heartbeats } from '../fuzz/laws/heartbeats.ts';

const nothing = { attempts: {}, settled: {}, waitsSince: {}, rests: {}, surprises: undefined };

test('what an attempt left is what the next one knows', () => {
  const left = {
    attempts: { 7: 2 },
    settled: {
      7: { status: 'failed', reason: 'missing' },
      8: { status: 'deferred', reason: 'quota', until: 5, waitMs: 3 },
    },
    waitsSince: { 9: 1_700_000_000_000 },
    rests: { host: { until: 5, waitMs: 3, reason: 'rate-limited', detail: 'busy' } },
    surprises: { name: 'TypeError ', times: 3 },
  };
  expect(readDetails({ files: 1, current: [], ...left })).toEqual(left);
});

test.each([
  undefined,
  null,
  7,
  'attempts',
  [],
  { attempts: 'x', settled: null, rests: [null], surprises: 7 },
])('details such as %j are as if there were none', (details) => {
  expect(readDetails(details)).toEqual(nothing);
});

test('members that this program does not write are passed over, and their neighbours are not', () => {
  const details = {
    attempts: { a: 'x', b: -1, c: 1e308, d: 1 },
    settled: {
      a: null,
      b: { status: 'failed', reason: '__proto__' },
      c: { status: 'deferred', reason: 'quota' },
    },
    waitsSince: { a: '1', b: 1 },
    rests: { a: null, b: { until: 1, reason: 'missing', detail: '' }, c: { until: 1, reason: 'blocked' } },
    surprises: { name: 'x', times: '9' },
  };
  expect(readDetails(details)).toEqual({ ...nothing, attempts: { d: 1 }, waitsSince: { b: 1 } });
});

test('what is added to a member goes no further: it may be nested deeper than can be sent', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const settled = { 7: { status: 'failed', reason: 'missing', deep } };
  const rests = { host: { until: 5, reason: 'blocked', detail: '', deep } };
  expect(readDetails({ settled, rests, surprises: { name: '', times: 1, deep }, deep })).toEqual({
    ...nothing,
    settled: { 7: { status: 'failed', reason: 'missing' } },
    rests: { host: { until: 5, reason: 'blocked', detail: '' } },
    surprises: { name: '', times: 1 },
  });
});

test('whatever an attempt seems to have left, the next one begins and counts', () => expectLaw(heartbeats));
