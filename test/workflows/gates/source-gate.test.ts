import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { GATE_TYPE, type GateState, gateIdOf } from '../../../src/domain/gate/source-gate.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { testSeal } from '../../support/test-key.ts';
import { picture } from '../../support/watch-run.ts';
import { block, config, gateOf, gatesOf, isRefusal, refusalOf } from './closed-gate.ts';

let bench: TestBench;
let dataset: ServedDataset;
let worker: RunningWorker;
beforeAll(async () => {
  dataset = await serveDataset({ records: 2, kinds: ['thumbs'] });
});
afterAll(() => dataset.close());
// A queue, and so gates, of its own for each.
beforeEach(async () => {
  bench = await openBench();
  worker = await bench.startWorker(dataset, { config });
});
afterEach(async () => {
  await worker.shutdown();
  await bench.close();
});

/** A gate tells it that it moved; nobody works for it. */
async function waiter() {
  const options = { workflowId: `waiter-${randomUUID()}`, taskQueue: 'nobody' };
  const handle = await bench.connected.client.workflow.start('anything', options);
  return {
    id: handle.workflowId,
    hears: () =>
      eventually('a Signal of the gate', async () => {
        const { events = [] } = await handle.fetchHistory();
        return events?.some(
          ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'gateMoved',
        );
      }),
    end: () => handle.terminate('seen enough'),
  };
}

test("a day's limit is kept until the time that the source named, and tells whoever waits", async () => {
  block(dataset, false);
  await worker.shutdown();
  vi.stubEnv('FFHQ_GOOGLE_API_KEY', 'AIzaPlantedKeyPlantedKeyPlantedKey0123x');
  worker = await bench.startWorker(dataset, { config: { ...config, googleOrigin: dataset.drive.origin } });
  vi.unstubAllEnvs();
  const gates = gatesOf(bench);
  const who = await waiter();
  const from = dataset.drive.requests.length;
  const refusedAt = Date.now();
  await gates.refuse('google-api', refusalOf(dataset, { reason: 'daily-limit', retryAfterMs: 4_000 }));
  // In this moment, whether a worker has heard of it or not.
  expect(await gates.read('google-api')).toMatchObject({ reason: 'daily-limit', detail: 'a page' });
  expect(await gates.read('google')).toBeUndefined();
  await gates.enlist('google-api', { waiter: who.id });
  await who.hears();
  const asked = dataset.drive.requests.slice(from);
  expect(asked.map(({ status }) => status)).toEqual([206]);
  expect(asked[0]?.at).toBeGreaterThanOrEqual(refusedAt + 4_000);
  expect(await gates.read('google-api')).toBeUndefined();
  await who.end();
});

test('a gate at which nobody waits asks for nothing, and a person who hurries it is answered', async () => {
  block(dataset, true);
  const gates = gatesOf(bench, undefined, 10_000);
  const from = dataset.drive.requests.length;
  await gates.refuse('google', refusalOf(dataset));
  const gate = gateOf(bench);
  // 30 ms of its five minutes, and 360 ms of remembering.
  await gate.result();
  expect(dataset.drive.requests.length).toBe(from);

  // A second and a half between two hurries.
  await gatesOf(bench, undefined, 20).refuse('google', refusalOf(dataset));
  const first = await gates.read('google');
  const { closed: before } = await gate.query<GateState>('gate');
  expect(before).toBeDefined();
  expect(await gate.executeUpdate<string, []>('probeNow')).toMatch(/^closed until /);
  expect(dataset.drive.requests.slice(from).map(isRefusal)).toEqual([true]);
  const second = await gates.read('google');
  // It learnt nothing new: no refusal more in a row, and no longer wait.
  const { times, closed } = await gate.query<GateState>('gate');
  expect({ times, closed }).toEqual({ times: 0, closed: before });
  expect((second?.since ?? 0) - (first?.since ?? 0)).toBeLessThan(1_000);
  const again = await gate.executeUpdate<string, []>('probeNow').catch((error: Error) => error.cause);
  expect(String(again)).toContain('the source was asked a moment ago');
  await gate.terminate('seen enough');
});

test('what strangers say to a gate, or in its place, closes nothing and makes nobody wait', async () => {
  block(dataset, false);
  const gates = gatesOf(bench);
  const another = gatesOf(bench, Buffer.alloc(32, 'another'));
  const { client, namespace } = bench.connected;
  const workflowId = gateIdOf(bench.taskQueue, 'google', testSeal.fingerprint);

  await another.refuse('google', refusalOf(dataset));
  expect(await gates.read('google')).toBeUndefined();

  const closed = { since: 0, until: 1e15, reason: 'blocked', detail: 'for ever', lookAgainMs: 1 };
  const signed = { for: { namespace, workflowId, type: 'gate' }, mac: '0'.repeat(64), isOurs: true };
  const planted = await client.workflow.start(GATE_TYPE, {
    ...{ workflowId, taskQueue: 'nobody' },
    memo: { gate: { closed, signed } },
  });
  expect(await gates.read('google')).toBeUndefined();
  // It takes the Signal, and closes nothing: whoever tells it is not left to believe so.
  expect(await gates.refuse('google', refusalOf(dataset))).toBe(false);
  await planted.terminate('seen enough');

  const who = await waiter();
  expect(await gates.refuse('google', refusalOf(dataset))).toBe(true);
  await gates.enlist('google', { waiter: who.id });
  await who.hears();
  await another.enlist('google', { waiter: who.id });
  for (const signal of ['refused', 'waitsAtGate'])
    await gateOf(bench).signal(signal, { ...refusalOf(dataset), waiter: who.id, signed });
  await another.refuse('google', refusalOf(dataset));
  // An answer of a worker, so that the Signals before were taken.
  const state = await gateOf(bench).query<{ closed?: unknown; waiters: unknown[] }>('gate');
  expect(state).toMatchObject({ waiters: [] });
  expect(state.closed).toBeUndefined();
  await who.end();
});

test('a flood of Signals makes its history no longer, and changes nothing of what it keeps', async () => {
  block(dataset, true);
  const gates = gatesOf(bench, undefined, 1);
  await gates.refuse('google', refusalOf(dataset));
  const first = await gateOf(bench).describe();
  for (let round = 0; round < 12; round++) {
    const signals = Array.from({ length: 90 }, () =>
      gateOf(bench).signal('waitsAtGate', { waiter: 'nobody' }),
    );
    await Promise.all(signals);
  }
  await gates.enlist('google', { waiter: 'somebody' });
  const told = await eventually('a new Run of the gate', async () => {
    const { runId, historyLength } = await gateOf(bench).describe();
    return runId !== first.runId && { historyLength };
  });
  expect(told.historyLength).toBeLessThan(1_000);
  expect(await gateOf(bench).query('gate')).toMatchObject({ waiters: ['somebody'], times: 0 });
  const notice = await gates.read('google');
  expect((notice?.until ?? 0) - (notice?.since ?? 0)).toBeGreaterThanOrEqual(300_000);
  await gateOf(bench).terminate('seen enough');
});

/** What came of a probe that a person asked for, as soon as one is allowed. */
function hurried(): Promise<string> {
  const asked = () => gateOf(bench).executeUpdate<string, []>('probeNow');
  return eventually('a probe', () => asked().catch(() => undefined));
}

test('whoever hurries it shortens no time that the source named, and no answer at all opens nothing before that', async () => {
  block(dataset, false);
  const gates = gatesOf(bench);
  const path = picture('thumbs', 0);
  await gates.refuse('google', refusalOf(dataset, { retryAfterMs: 20 * 3_600_000 }));
  const until = (await gates.read('google'))?.until ?? 0;
  const isKept = /^closed until (.*)$/;
  const timeIn = (said: string) => Date.parse(isKept.exec(said)?.[1] ?? '');
  dataset.drive.behave(dataset.idOf(path), { kind: 'status', status: 500 });
  const said: string[] = [];
  // More often than a gate whose time has come goes on without an answer.
  for (let time = 0; time < 6; time++) said.push(await hurried());
  dataset.drive.behave(dataset.idOf(path), { kind: 'blocked' });
  said.push(await hurried());
  // Exactly that time, and no guess on top of it; the first word of it was by the clock of whoever refused.
  for (const one of said) expect(Math.abs(timeIn(one) - until)).toBeLessThan(5_000);
  expect(new Set(said).size).toBe(1);
  // A later time that the source names holds from then on.
  dataset.drive.behave(dataset.idOf(path), { kind: 'blocked', retryAfter: String(24 * 3_600) });
  expect(timeIn(await hurried()) - until).toBeGreaterThan(3 * 3_600_000);
  expect(await gateOf(bench).query('gate')).toMatchObject({ times: 0 });
  dataset.drive.behave(dataset.idOf(path), undefined);
  expect(await hurried()).toBe('open');
});

test('the files of those who wait are asked for by turns: none of them keeps a source closed', async () => {
  block(dataset, false);
  const gates = gatesOf(bench);
  const [poison, other] = [0, 1].map((id) => picture('thumbs', id)) as [string, string];
  dataset.drive.behave(dataset.idOf(poison), { kind: 'blocked' });
  const refusal = refusalOf(dataset);
  await gates.refuse('google', refusal);
  const url = `https://drive.google.com/uc?id=${dataset.idOf(other)}`;
  const probe = { ...refusal.probe, file: { ...refusal.probe.file, key: '1', path: other, url } };
  await gates.enlist('google', { waiter: 'somebody', probe });
  const from = dataset.drive.requests.length;
  expect(await hurried()).toMatch(/^closed until /);
  expect(await hurried()).toBe('open');
  const asked = dataset.drive.requests.slice(from).map(({ file }) => file);
  expect(asked).toEqual([poison, other, other].map((path) => dataset.idOf(path)));
  dataset.drive.behave(dataset.idOf(poison), undefined);
});

test('a source that opens and refuses again is left alone for longer each time', async () => {
  block(dataset, false);
  const gates = gatesOf(bench);
  const spans: number[] = [];
  for (let time = 0; time < 3; time++) {
    const began = Date.now();
    await gates.refuse('google', refusalOf(dataset, { retryAfterMs: 1 }));
    const notice = await eventually('the gate to be closed', async () => {
      const read = await gates.read('google');
      return read !== undefined && read.since >= began - 1_000 && read;
    });
    spans.push(notice.until - notice.since);
    expect(await hurried()).toBe('open');
  }
  const [first = 0, second = 0, third = 0] = spans;
  expect(second).toBeGreaterThan(1.5 * first);
  expect(third).toBeGreaterThan(1.5 * second);
});
