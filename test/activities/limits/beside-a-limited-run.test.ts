import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type LimitedFiles,
  makeLimitedFiles,
  mostInHand,
} from '../../../src/activities/limits/limited-files.ts';
import { noGates } from '../../../src/activities/sources/contract/request-gates.ts';
import { Crowds } from '../../../src/activities/sources/flow/crowd.ts';
import { flowingClient } from '../../../src/activities/sources/flow/flowing-client.ts';
import type { HttpClient } from '../../../src/activities/sources/http/client.ts';
import { Hosts } from '../../../src/activities/sources/http/hosts.ts';
import type { RunLimits } from '../../../src/domain/limits/limits.ts';
import { ShownSecrets } from '../../../src/domain/network/shown-secrets.ts';
import { bundleSlots } from '../../../src/temporal/slot-supplier.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const noSecrets = new ShownSecrets();

type Supplier = ReturnType<typeof bundleSlots>;
const slotInfo = { slotType: 'activity' } as Parameters<Supplier['tryReserveSlot']>[0];

const THREADS = 8;
const PIECES = 4;
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

interface Host {
  /** Milliseconds for each piece of a file. */
  readonly pace: () => number;
  /** Of a file. @default PIECES */
  readonly pieces?: number;
}

const fast: Host = { pace: () => 20 };
const others: Readonly<Record<string, Host>> = {
  'slow.example': { pace: () => 1_000 },
  'few.example': { pace: () => 100 },
  // Ten seconds so, ten seconds so.
  'turning.example': {
    pace: () => (Math.floor(performance.now() / 10_000) % 2 === 0 ? 600 : 20),
    pieces: 240,
  },
};

/** Answers after 20 ms with a file of 256 KiB, as fast as each host is; one that is called "few" bears one request at once. */
function makeHttp(): HttpClient {
  let atFew = 0;
  return {
    hosts: new Hosts(),
    gates: noGates,
    refusal: async () => undefined,
    close: async () => {},
    post: () => Promise.reject(new Error('nobody posts')),
    get: async (url) => {
      const isFew = url.host === 'few.example';
      const status = isFew && atFew > 0 ? 429 : 200;
      if (isFew) atFew++;
      await sleep(20);
      const body = (async function* () {
        try {
          const { pace, pieces = PIECES } = others[url.host] ?? fast;
          for (let piece = 0; piece < pieces && status === 200; piece++) {
            await sleep(pace());
            yield new Uint8Array(64 * 1024);
          }
        } finally {
          if (isFew) atFew--;
        }
      })();
      return { status, url, header: () => undefined, setCookies: [], body, discard: () => {} };
    },
  };
}

/** One worker process, and what runs get of it. */
class Process {
  readonly #http = makeHttp();
  readonly #crowds = new Crowds(mostInHand(THREADS));
  readonly #files: LimitedFiles;
  readonly #supplier: Supplier;
  readonly #over = new AbortController();
  readonly inHand: Record<string, number> = {};
  /** Bundles for which there was a slot. */
  taken = 0;
  readonly done: Record<string, number> = {};
  readonly begun: Record<string, number> = {};

  constructor(limits: Readonly<Record<string, RunLimits>>) {
    setMaxListeners(0, this.#over.signal);
    this.#files = makeLimitedFiles(THREADS, async (run) => ({ limits: limits[run] ?? {}, workers: ['one'] }));
    this.#supplier = bundleSlots(this.#files, THREADS);
  }

  /** So many of 16 files each, as far as there are slots for them. */
  take(run: string, host: string, activities: number): void {
    for (let each = 0; each < activities && this.#supplier.tryReserveSlot(slotInfo) !== null; each++) {
      this.taken++;
      this.begin(run, host, 1);
    }
  }

  /** A run that has files of this host without end, in `activities` of 16 each. */
  begin(run: string, host: string, activities = 2): void {
    const { fileSlots, flows } = this.#files;
    const { signal } = this.#over;
    const owner = { workflowId: run, clusterId: 'c', address: 'a', namespace: 'n' };
    const name = `${run} ${host}`;
    this.done[name] ??= 0;
    this.begun[name] ??= 0;
    this.inHand[name] ??= 0;
    const file = async (client: HttpClient) => {
      this.inHand[name] = (this.inHand[name] ?? 0) + 1;
      this.begun[name] = (this.begun[name] ?? 0) + 1;
      try {
        const response = await client.get(new URL(`https://${host}/file`), { signal });
        if (response.status !== 200) response.overasked?.();
        for await (const _ of response.body);
        if (response.status === 200) this.done[name] = (this.done[name] ?? 0) + 1;
      } finally {
        this.inHand[name] -= 1;
      }
    };
    const activity = () =>
      flows.within({ owner, run }, async (flow, inTurn) => {
        const client = flowingClient(
          this.#http,
          this.#crowds,
          { flow, beginWait: () => () => {} },
          noSecrets,
        );
        const filesInTurn = async () => {
          while (!signal.aborted)
            await inTurn(
              host,
              signal,
              (work) => fileSlots.use(1, signal, work),
              () => file(client),
            );
        };
        await Promise.all(Array.from({ length: 16 }, filesInTurn));
      });
    for (let each = 0; each < activities; each++) void activity().catch(() => {});
  }

  /** Files of the run that are done in so many seconds. */
  async doneIn(run: string, seconds: number): Promise<number> {
    const before = this.done[run] ?? 0;
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    return (this.done[run] ?? 0) - before;
  }

  get waitingActivities(): number {
    return this.#files.flows.waitingActivities;
  }

  end(): void {
    this.#over.abort();
  }
}

test.each([
  ['--tpslimit 1', { requests: 1 }],
  ['--bwlimit 10K', { bandwidth: { text: '10K' } }],
])('a run with %s keeps no other run of its worker back', async (_, limits: RunLimits) => {
  const worker = new Process({ limited: limits });
  worker.begin('free', 'fast.example');
  await worker.doneIn('free fast.example', 1);
  const alone = await worker.doneIn('free fast.example', 5);
  worker.begin('limited', 'fast.example', 40);
  await worker.doneIn('free fast.example', 3);
  const beside = await worker.doneIn('free fast.example', 5);
  expect(beside / alone).toBeGreaterThan(0.97);
  expect(worker.inHand['limited fast.example']).toBeLessThanOrEqual(2);
  // Their slots are free for bundles of others.
  expect(worker.waitingActivities).toBeGreaterThanOrEqual(38);
  worker.end();
});

test('a limit is used up by as many files as that takes', async () => {
  const worker = new Process({ limited: { bandwidth: { text: '384K' } } });
  worker.begin('limited', 'slow.example');
  await worker.doneIn('limited slow.example', 15);
  // Each brings 64 KiB a second.
  const files = await worker.doneIn('limited slow.example', 30);
  expect((files * PIECES * 64) / (384 * 30)).toBeGreaterThan(0.9);
  expect((files * PIECES * 64) / (384 * 30)).toBeLessThan(1.1);
  worker.end();
});

test('a limit that is set while many files are in hand holds others back until those have come', async () => {
  const limits: { limited?: RunLimits } = {};
  const worker = new Process(limits);
  worker.begin('limited', 'fast.example');
  await worker.doneIn('limited fast.example', 5);
  expect(worker.inHand['limited fast.example']).toBe(THREADS);
  limits.limited = { bandwidth: { text: '50K' } };
  await worker.doneIn('limited fast.example', 2);
  // Another run of the worker goes on at its full number, at the same host too.
  worker.begin('free', 'fast.example');
  await worker.doneIn('free fast.example', 1);
  const beside = await worker.doneIn('free fast.example', 5);
  expect(beside / (THREADS * (5 / 0.1))).toBeGreaterThan(0.95);
  // Each of 256 KiB.
  expect(await worker.doneIn('limited fast.example', 40)).toBeGreaterThanOrEqual(THREADS - 1);
  expect(worker.inHand['limited fast.example']).toBeLessThanOrEqual(2);
  limits.limited = {};
  await worker.doneIn('limited fast.example', 2);
  expect((await worker.doneIn('limited fast.example', 10)) / (THREADS * (10 / 0.1))).toBeGreaterThan(0.4);
  worker.end();
});

test('large files come whole at the limit, however often their source turns slow and fast again', async () => {
  const worker = new Process({ limited: { bandwidth: { text: '1M' } } });
  worker.begin('limited', 'turning.example', 1);
  const name = 'limited turning.example';
  // Of 15 MiB each.
  expect((await worker.doneIn(name, 400)) * 15).toBeGreaterThanOrEqual(0.5 * 400);
  // What came is not given up.
  expect(worker.begun[name]).toBe((worker.done[name] ?? 0) + (worker.inHand[name] ?? 0));
  worker.end();
});

test('a run with a low limit leaves a host that bears one request at once to the others', async () => {
  const worker = new Process({ limited: { bandwidth: { text: '10K' } } });
  worker.begin('free', 'few.example');
  await worker.doneIn('free few.example', 30);
  const alone = await worker.doneIn('free few.example', 60);
  worker.begin('limited', 'few.example');
  await worker.doneIn('free few.example', 30);
  const beside = await worker.doneIn('free few.example', 120);
  expect(beside / (2 * alone)).toBeGreaterThan(0.9);
  // And it comes itself, at its limit: a file of 256 KiB in 26 seconds.
  const limited = await worker.doneIn('limited few.example', 260);
  expect(limited).toBeGreaterThanOrEqual(8);
  expect(limited).toBeLessThanOrEqual(11);
  worker.end();
});

test.each([
  ['--num_threads', 'slow.example', { files: 1 }],
  ['a host that bears one request at once', 'few.example', {}],
  ['--bwlimit', 'slow.example', { bandwidth: { text: '1K' } }],
])('bundles that wait for %s leave their slots to others', async (_, host, limits: RunLimits) => {
  const worker = new Process({ held: limits });
  worker.begin('held', host, 40);
  await worker.doneIn(`held ${host}`, 60);
  // But for the few files that are in hand.
  expect(worker.waitingActivities).toBeGreaterThanOrEqual(36);
  worker.end();
});

test('seven runs that wait for their limits leave slots of their worker to another one', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `limited-${at}`);
  const worker = new Process(Object.fromEntries(names.map((name) => [name, { requests: 1 }])));
  const begin64 = async (name: string) => {
    for (let part = 0; part < 4; part++) {
      worker.take(name, 'fast.example', 16);
      await vi.advanceTimersByTimeAsync(100);
    }
  };
  for (const name of names) await begin64(name);
  // All of them were taken, and another one may be.
  expect(worker.taken).toBe(7 * 64);
  worker.take('free', 'fast.example', 1);
  expect(worker.taken).toBe(7 * 64 + 1);
  expect(await worker.doneIn('free fast.example', 5)).toBeGreaterThan(100);
  // But of one run no more than its part.
  await begin64('limited-0');
  await begin64('limited-0');
  expect(worker.taken).toBeLessThan(9 * 64);
  worker.end();
});

test('one host that bears little holds its own files back, and no others of the run', async () => {
  const worker = new Process({});
  worker.begin('run', 'few.example');
  await vi.advanceTimersByTimeAsync(30_000);
  worker.begin('run', 'fast.example');
  await vi.advanceTimersByTimeAsync(1_000);
  // One thread, or two as a try, are that host's; two files wait in front of them.
  expect(await worker.doneIn('run fast.example', 4)).toBeGreaterThan((0.95 * (THREADS - 1) * 4) / 0.1);
  expect(worker.inHand['run few.example']).toBeLessThanOrEqual(4);
  expect(await worker.doneIn('run few.example', 5)).toBeGreaterThan(4);
  worker.end();
});
