import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunFlow } from '../../../src/activities/limits/run-flow.ts';
import { RunFlows } from '../../../src/activities/limits/run-flows.ts';
import type { RunLimits } from '../../../src/domain/limits/limits.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const run = {
  run: 'r',
  owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
};

/** Has some work done on a file of the run, in a process that has room. */
function inTurn(flow: RunFlow, work: () => Promise<void>): Promise<void> {
  return flow.turn('host', never, (place) => place(), work);
}

/** Takes pieces one after the other, as long as the clock runs. */
function greedy(flow: RunFlow) {
  const taken = { bytes: 0, requests: 0 };
  const stop = new AbortController();
  const loop = async (take: () => Promise<void> | undefined, count: () => void) => {
    for (;;) {
      await (take() ?? new Promise((done) => setTimeout(done, 1)));
      count();
    }
  };
  const bytes = () => flow.bytes(10_000, stop.signal);
  const request = () => flow.request(stop.signal);
  const loops = [
    loop(bytes, () => {
      taken.bytes += 10_000;
    }),
    loop(request, () => {
      taken.requests++;
    }),
  ];
  for (const each of loops) each.catch(() => {});
  return { taken, stop: () => stop.abort() };
}

/** What two workers take together in the time. */
async function takenIn(ms: number, workers: readonly { taken: { bytes: number; requests: number } }[]) {
  const sum = () => ({
    bytes: workers.reduce((all, { taken }) => all + taken.bytes, 0),
    requests: workers.reduce((all, { taken }) => all + taken.requests, 0),
  });
  const before = sum();
  await vi.advanceTimersByTimeAsync(ms);
  const after = sum();
  return { bytes: after.bytes - before.bytes, requests: after.requests - before.requests };
}

test('workers take together what the run may, also while one joins and another one leaves', async () => {
  const limits: RunLimits = { bandwidth: { text: '1000k' }, requests: 10 };
  const flows = [new RunFlow(), new RunFlow()] as const;
  const share = (workers: number) => {
    const names = ['one', 'other'].slice(0, workers);
    for (const flow of flows) flow.follow({ limits, workers: names }, Date.now());
  };
  share(2);
  const two = flows.map(greedy);
  await takenIn(2_000, two);
  const both = await takenIn(10_000, two);
  expect(both.bytes / (10 * 1_024_000)).toBeCloseTo(1, 1);
  expect(both.requests / 100).toBeCloseTo(1, 1);
  two[1]?.stop();
  // For some seconds the other one may only be between two bundles.
  await vi.advanceTimersByTimeAsync(4_100);
  share(1);
  const alone = await takenIn(10_000, two);
  expect(alone.bytes / (10 * 1_024_000)).toBeCloseTo(1, 1);
  expect(alone.requests / 100).toBeCloseTo(1, 1);
  two[0]?.stop();
});

test('what waits under a slow limit goes on as soon as the limit is changed', async () => {
  const flow = new RunFlow();
  flow.follow({ limits: { bandwidth: { text: '1k' } }, workers: ['one'] }, 0);
  void flow.bytes(10_000_000, never);
  let isThrough = false;
  const waiting = flow.bytes(1, never)?.then(() => {
    isThrough = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isThrough).toBe(false);
  flow.follow({ limits: {}, workers: ['one'] }, 0);
  await waiting;
  expect(flow.bytes(1, never)).toBeUndefined();
});

test('who is told to stop waits no longer, and holds up nobody', async () => {
  const flow = new RunFlow();
  flow.follow({ limits: { requests: 1 }, workers: ['one'] }, 0);
  void flow.request(never);
  const stop = new AbortController();
  const stopped = flow.request(stop.signal);
  const next = flow.request(never);
  stop.abort(new Error('stop'));
  await expect(stopped).rejects.toThrow('stop');
  await vi.advanceTimersByTimeAsync(2_100);
  await next;
});

test('a run is looked at while it is worked for, and a server that is away changes nothing', async () => {
  let looks = 0;
  let limits: RunLimits = { files: 2 };
  let isAway = false;
  const flows = new RunFlows(async () => {
    looks++;
    if (isAway) throw new Error('away');
    return { limits, workers: ['one'] };
  });
  let end = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  let inHand = 0;
  const work = flows.within(run, async (flow) => {
    const file = async () => {
      inHand++;
      await ended;
    };
    await Promise.all(Array.from({ length: 8 }, () => inTurn(flow, file)));
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(inHand).toBe(2);
  isAway = true;
  limits = { files: 5 };
  await vi.advanceTimersByTimeAsync(3_000);
  expect(inHand).toBe(2);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(inHand).toBe(5);
  end();
  await work;
  // For some seconds the next Activity may come.
  await vi.advanceTimersByTimeAsync(4_000);
  const before = looks;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(before);
});

test.each([
  ['never answers', () => new Promise<never>(() => {})],
  ['refuses', () => Promise.reject(new Error('away'))],
])('a server that %s holds up the beginning for half a minute, and not for ever', async (_, look) => {
  const told: string[] = [];
  const flows = new RunFlows(look, undefined, (id) => told.push(id));
  let isBegun = false;
  const work = flows.within(run, async () => {
    isBegun = true;
  });
  await vi.advanceTimersByTimeAsync(29_000);
  expect([isBegun, told]).toEqual([false, []]);
  await vi.advanceTimersByTimeAsync(1_100);
  await work;
  expect([isBegun, told]).toEqual([true, ['w']]);
});

test('a first look that fails is tried again before anything passes', async () => {
  let looks = 0;
  const flows = new RunFlows(async () => {
    looks++;
    if (looks < 4) throw new Error('away');
    return { limits: { bandwidth: { text: '1K' } }, workers: ['one'] };
  });
  const work = flows.within(run, async (flow) => flow.isLimited);
  await vi.advanceTimersByTimeAsync(3_100);
  expect(await work).toBe(true);
});

test('a run keeps its limits over hours without an Activity, also where nobody can look then', async () => {
  let isAway = false;
  const flows = new RunFlows(async () => {
    if (isAway) throw new Error('away');
    return { limits: { bandwidth: { text: '1K' } }, workers: ['one'] };
  });
  await flows.within(run, async () => {});
  await vi.advanceTimersByTimeAsync(5 * 3_600_000);
  isAway = true;
  expect(await flows.within(run, async (flow) => flow.isLimited)).toBe(true);
  // Those that were over first are forgotten first.
  isAway = false;
  for (let other = 0; other < 1_000; other++)
    await flows.within({ ...run, run: `other ${other}` }, async () => {});
  await vi.advanceTimersByTimeAsync(5_000);
  isAway = true;
  const forgotten = flows.within(run, async (flow) => flow.isLimited);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(await forgotten).toBe(false);
});

test('a run that may have one file in flight leaves the places of the process to others', async () => {
  const flows = new RunFlows(async (id) => ({ limits: id === 'w' ? { files: 1 } : {}, workers: ['one'] }));
  let others = 0;
  let end = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const files = (work: () => Promise<void>) =>
    Array.from({ length: 8 }, () => work).map((each) => (flow: RunFlow) => inTurn(flow, each));
  const held = flows.within(run, (flow) => Promise.all(files(() => ended).map((use) => use(flow))));
  const other = { run: 'other', owner: { ...run.owner, workflowId: 'other' } };
  const free = flows.within(other, (flow) =>
    Promise.all(
      files(async () => {
        others++;
      }).map((use) => use(flow)),
    ),
  );
  await vi.advanceTimersByTimeAsync(10);
  await free;
  expect(others).toBe(8);
  end();
  await held;
});

test.each([
  ['that need longer than the limit gives', 100_000],
  ['that need a hundredth of a second', 1_000],
])('small Activities one after the other, %s, keep to the limit all together', async (_, piece) => {
  const flows = new RunFlows(async () => ({ limits: { bandwidth: { text: '100k' } }, workers: ['one'] }));
  let taken = 0;
  const one = () =>
    flows.within(run, async (flow) => {
      await flow.bytes(piece, never);
      taken += piece;
    });
  let isOver = false;
  const all = (async () => {
    while (!isOver) await one();
  })();
  // As an Activity that ended long ago leaves it.
  await vi.advanceTimersByTimeAsync(5_000);
  const before = taken;
  await vi.advanceTimersByTimeAsync(30_000);
  const share = (taken - before) / (30 * 102_400);
  isOver = true;
  await vi.advanceTimersByTimeAsync(5_000);
  await all;
  expect(share).toBeGreaterThan(0.9);
  expect(share).toBeLessThan(1.1);
});

test('what one Activity owes is paid by the next one, also after a pause in which nobody looks', async () => {
  const flows = new RunFlows(async () => ({ limits: { bandwidth: { text: '1k' } }, workers: ['one'] }));
  const first = flows.within(run, async (flow) => {
    await flow.bytes(61_440, never);
  });
  await vi.advanceTimersByTimeAsync(10);
  await first;
  await vi.advanceTimersByTimeAsync(30_000);
  let isThrough = false;
  const next = flows.within(run, async (flow) => {
    await flow.bytes(1, never);
    isThrough = true;
  });
  await vi.advanceTimersByTimeAsync(28_000);
  expect(isThrough).toBe(false);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(isThrough).toBe(true);
  await next;
});

test('a worker that is between two small bundles when it is looked for keeps its share', async () => {
  const limits: RunLimits = { bandwidth: { text: '100k' } };
  const flows = [new RunFlow(), new RunFlow()] as const;
  let looks = 0;
  const look = setInterval(() => {
    const seen = [['one', 'other'], ['one'], ['other'], []][looks++ % 4] as string[];
    for (const [at, flow] of flows.entries())
      flow.follow({ limits, workers: [...new Set([...seen, at === 0 ? 'one' : 'other'])] }, Date.now());
  }, 1_000);
  const two = flows.map(greedy);
  await takenIn(5_000, two);
  const both = await takenIn(30_000, two);
  clearInterval(look);
  for (const each of two) each.stop();
  expect(both.bytes / (30 * 102_400)).toBeGreaterThan(0.9);
  expect(both.bytes / (30 * 102_400)).toBeLessThan(1.1);
});
