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
    for (const flow of flows) flow.follow({ limits, workers }, Date.now());
  };
  share(2);
  const two = flows.map(greedy);
  await takenIn(2_000, two);
  const both = await takenIn(10_000, two);
  expect(both.bytes / (10 * 1_024_000)).toBeCloseTo(1, 1);
  expect(both.requests / 100).toBeCloseTo(1, 1);
  two[1]?.stop();
  share(1);
  const alone = await takenIn(10_000, two);
  expect(alone.bytes / (10 * 1_024_000)).toBeCloseTo(1, 1);
  expect(alone.requests / 100).toBeCloseTo(1, 1);
  two[0]?.stop();
});

test('what waits under a slow limit goes on as soon as the limit is changed', async () => {
  const flow = new RunFlow();
  flow.follow({ limits: { bandwidth: { text: '1k' } }, workers: 1 }, 0);
  void flow.bytes(10_000_000, never);
  let isThrough = false;
  const waiting = flow.bytes(1, never)?.then(() => {
    isThrough = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isThrough).toBe(false);
  flow.follow({ limits: {}, workers: 1 }, 0);
  await waiting;
  expect(flow.bytes(1, never)).toBeUndefined();
});

test('who is told to stop waits no longer, and holds up nobody', async () => {
  const flow = new RunFlow();
  flow.follow({ limits: { requests: 1 }, workers: 1 }, 0);
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
    return { limits, workers: 1 };
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
    await Promise.all(Array.from({ length: 8 }, () => flow.files.use(1, never, file)));
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
  const before = looks;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(before);
});

test('a server that never answers holds up the beginning for seconds, and not for ever', async () => {
  const flows = new RunFlows(() => new Promise(() => {}));
  const work = flows.within(run, async () => 'done');
  await vi.advanceTimersByTimeAsync(3_100);
  expect(await work).toBe('done');
});

test('a run that may have one file in flight leaves the places of the process to others', async () => {
  const flows = new RunFlows(async (id) => ({ limits: id === 'w' ? { files: 1 } : {}, workers: 1 }));
  let others = 0;
  let end = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const files = (work: () => Promise<void>) =>
    Array.from({ length: 8 }, () => work).map((each) => (flow: RunFlow) => flow.files.use(1, never, each));
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
