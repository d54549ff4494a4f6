import { expect, test } from 'vitest';
import { type RunInSight, SlownessMeter, slowdownOf } from '../../../src/domain/limits/slowdown.ts';

const fetching: RunInSight = { paused: false, workerPolls: true, waits: 0, inHand: [], retrying: 0 };

test.each<[string | undefined, Partial<RunInSight>]>([
  ['network', { inHand: [{ network: 900, disk: 100 }, { disk: 100 }] }],
  ['source', { inHand: [{ network: 400, source: 500 }] }],
  ['limit', { inHand: [{ network: 400 }, { limit: 500 }] }],
  ['disk', { inHand: [{ network: 10, disk: 20 }] }],
  ['processor', { inHand: [{ processor: 20 }], waits: 3 }],
  ['server', {}],
  ['waiting', { paused: true, inHand: [{ network: 9 }] }],
  ['waiting', { workerPolls: false }],
  ['waiting', { waits: 1 }],
  ['waiting', { retrying: 4 }],
  [undefined, { inHand: [undefined] }],
  [undefined, { inHand: [{}], waits: 1 }],
])('%s', (word, seen) => {
  expect(slowdownOf({ ...fetching, ...seen })).toBe(word);
});

test('what is still waited for counts, and what is long over does not', () => {
  const meter = new SlownessMeter(5_000);
  const end = meter.begin('network', 0);
  expect(meter.read(1_000)).toEqual({ network: 1_000 });
  end(2_000);
  end(9_000);
  expect(meter.read(2_000)).toEqual({ network: 2_000 });
  meter.begin('disk', 4_000);
  expect(meter.read(5_000)).toEqual({ network: 2_000, disk: 1_000 });
  expect(meter.read(10_500)).toEqual({ disk: 5_500 });
});
