import { expect, test } from 'vitest';
import { GateBook } from '../../../../src/activities/sources/gates/gate-book.ts';
import { gatedSource } from '../../../../src/activities/sources/gates/gated-source.ts';
import { sourceFailure } from '../../../../src/domain/failure/source-failure.ts';
import type {
  GateNotice,
  GateServer,
  Probe,
  Refusal,
  Waiter,
} from '../../../../src/domain/gate/source-gate.ts';

const DRIVE = 'drive.google.com';
const notice: GateNotice = { since: 1, until: 2, reason: 'blocked', detail: 'a page', lookAgainMs: 5_000 };
const probe: Probe = {
  allowedHosts: [],
  file: { kind: 'thumbs', key: '0', path: 'a.png', url: 'https://drive.google.com/uc?id=a' },
};

/** A server whose gates the test moves, with the reads and refusals that came. */
function gates() {
  const server = {
    closed: undefined as GateNotice | undefined,
    reads: 0,
    refusals: [] as Refusal[],
    waiters: [] as Waiter[],
    broken: false,
    hears: true,
    hurries: false,
  };
  const door: GateServer = {
    read: async () => {
      server.reads++;
      if (server.broken) throw new Error('no answer');
      return server.closed;
    },
    refuse: async (_gate, refusal) => {
      if (server.broken) throw new Error('no answer');
      server.refusals.push(refusal);
      return server.hears;
    },
    enlist: async (_gate, waiter) => void server.waiters.push(waiter),
    hurry: async () => server.hurries,
  };
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  return { server, pass, book: new GateBook(door, { dividedBy: 1 }, () => now) };
}

test('what another worker met is heard of within a second, and the server is asked once for all requests of that second', async () => {
  const { server, pass, book } = gates();
  expect(await Promise.all([1, 2, 3].map(() => book.refusal(DRIVE)))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(server.reads).toBe(1);
  server.closed = notice;
  pass(1_000);
  expect(await book.refusal('drive.usercontent.google.com')).toMatchObject({
    reason: 'blocked',
    gate: 'google',
  });
  server.closed = undefined;
  pass(1_000);
  expect(await book.refusal(DRIVE)).toBeUndefined();
  expect(await book.refusal('mirror.example')).toBeUndefined();
  expect(server.reads).toBe(3);
});

test('what was met here holds here at once, is told once, and outlasts a gate that has yet to hear of it', async () => {
  const { server, pass, book } = gates();
  await book.refusal(DRIVE);
  const met = book.refused(DRIVE, sourceFailure('blocked', 'a page', 60_000));
  book.refused(DRIVE, sourceFailure('blocked', 'the same page, asked for before'));
  expect(met).toMatchObject({ gate: 'google' });
  expect(await book.refusal(DRIVE)).toMatchObject({ reason: 'blocked' });
  expect(await Promise.all([1, 2].map(() => book.tell('google', probe)))).toEqual([true, true]);
  expect(server.refusals).toEqual([{ reason: 'blocked', detail: 'a page', retryAfterMs: 60_000, probe }]);
  pass(1_000);
  expect(await book.refusal(DRIVE)).toBeDefined();
  pass(5_000);
  expect(await book.refusal(DRIVE)).toBeUndefined();
});

test('a later time that the source names for what was under way is told too, once for all of it', async () => {
  const { server, pass, book } = gates();
  const refuse = async (retryAfterMs?: number) => {
    book.refused(DRIVE, sourceFailure('blocked', 'a page', retryAfterMs));
    return book.tell('google', probe);
  };
  for (const named of [undefined, 7_200_000, 7_200_000, undefined, 60_000]) {
    await refuse(named);
    pass(100);
  }
  expect(server.refusals.map(({ retryAfterMs }) => retryAfterMs)).toEqual([undefined, 7_200_000]);

  // As well where another worker closed it.
  const other = gates();
  other.server.closed = { ...notice, until: Date.now() + 300_000 };
  expect(await other.book.refusal(DRIVE)).toBeDefined();
  for (const named of [undefined, 60_000, 7_200_000]) {
    other.book.refused(DRIVE, sourceFailure('blocked', 'a page', named));
    await other.book.tell('google', probe);
  }
  expect(other.server.refusals.map(({ retryAfterMs }) => retryAfterMs)).toEqual([7_200_000]);
});

test('what holds here alone is no longer for what was under way, nor for a hurry: only a later time that the source names is', async () => {
  const { server, pass, book } = gates();
  server.hears = false;
  const waiter = { gate: 'google', waiter: 'a run' } as const;
  const refuse = async (retryAfterMs?: number) => {
    book.refused(DRIVE, sourceFailure('blocked', 'a page', retryAfterMs));
    await book.tell('google', probe);
    const { closed } = await book.look(waiter);
    return (closed?.until ?? Number.NaN) - Date.now();
  };
  const first = await refuse();
  expect(first).toBeLessThan(400_000);
  for (let time = 0; time < 8; time++) {
    pass(30_000);
    expect(await book.look({ ...waiter, hurry: true })).toEqual({ hurried: true });
    expect(await book.refusal(DRIVE)).toBeUndefined();
    expect(await refuse()).toBeLessThan(first);
  }
  expect(await refuse(7_200_000)).toBeGreaterThan(7_190_000);
});

test('a server that does not answer holds up no request, and a refusal that cannot be told is said to be that', async () => {
  const { server, pass, book } = gates();
  server.broken = true;
  expect(await book.refusal(DRIVE)).toBeUndefined();
  book.refused(DRIVE, sourceFailure('blocked', 'a page'));
  expect(await book.tell('google', probe)).toBe(false);
  pass(1_000);
  expect(await book.refusal(DRIVE)).toBeDefined();
});

test('what the gate does not take holds here alone for as long, and longer where it comes again; a hurry ends it', async () => {
  const { server, pass, book } = gates();
  const waiter = { gate: 'google', waiter: 'a run' } as const;
  server.hears = false;
  const refuse = async () => {
    book.refused(DRIVE, sourceFailure('blocked', 'a page'));
    expect(await book.tell('google', probe)).toBe(false);
    const { closed } = await book.look(waiter);
    if (closed === undefined) throw new Error('expected a wait');
    expect(closed).toMatchObject({ reason: 'blocked', detail: 'a page' });
    return closed;
  };
  const isHeld = async (waitMs: number) => {
    pass(waitMs - 1_000);
    expect(await book.refusal(DRIVE)).toMatchObject({ gate: 'google' });
    pass(2_000);
    expect(await book.refusal(DRIVE)).toBeUndefined();
    expect(await book.look(waiter)).toEqual({});
  };
  expect(await book.refusal(DRIVE)).toBeUndefined();
  const first = await refuse();
  const firstMs = first.until - first.since;
  expect(firstMs).toBeGreaterThanOrEqual(300_000);
  await isHeld(firstMs);
  const second = await refuse();
  expect(second.since).toBe(first.since);
  // In the time of the test nothing passed.
  const secondMs = second.until - second.since;
  expect(secondMs).toBeGreaterThanOrEqual(600_000);
  expect(await book.look({ ...waiter, hurry: true })).toEqual({ closed: second });
  pass(30_000);
  expect(await book.look({ ...waiter, hurry: true })).toEqual({ hurried: true });
  expect(await book.refusal(DRIVE)).toBeUndefined();
  // A gate that is there again is believed, and what it opens is open.
  await refuse();
  server.closed = notice;
  pass(1_000);
  expect(await book.look({ ...waiter, hurry: true })).toEqual({ closed: notice });
  expect(await book.refusal(DRIVE)).toBeDefined();
  server.closed = undefined;
  pass(5_000);
  expect(await book.refusal(DRIVE)).toBeUndefined();
  server.closed = notice;
  server.hurries = true;
  expect(await book.look({ ...waiter, hurry: true })).toEqual({ closed: notice, hurried: true });
});

test('a busy mirror, and a file over its quota, close no gate', () => {
  const { book } = gates();
  expect(book.refused('mirror.example', sourceFailure('blocked', 'a page'))).toBeUndefined();
  expect(book.refused(DRIVE, sourceFailure('quota', 'a page'))).toBeUndefined();
  expect(book.refused(DRIVE, sourceFailure('rate-limited', 'status 503'))).toBeUndefined();
});

test('who probes for one gate is held by the others', async () => {
  const { server, book } = gates();
  server.closed = notice;
  expect(await book.refusal('www.googleapis.com', 'google')).toMatchObject({ gate: 'google-api' });
  expect(await book.refusal('www.googleapis.com', 'google-api')).toMatchObject({ gate: 'google' });
  expect(await book.refusal(DRIVE, 'google')).toBeUndefined();
  expect(await book.refusal(DRIVE, 'google-api')).toMatchObject({ gate: 'google' });
});

test('who waits names a file that came to the gate here, another one each time, and none of its secrets', async () => {
  const { server, book } = gates();
  server.closed = notice;
  const failed = {
    status: 'failed',
    failure: { ...sourceFailure('blocked', 'a page'), gate: 'google' },
  } as const;
  const source = gatedSource({ name: 'google-drive', open: async () => failed }, book, { allowedHosts: [] });
  for (const key of ['0', '1', '0'])
    await source.open(
      {
        ...probe.file,
        key,
        path: `${key}.png`,
        url: `https://drive.google.com/uc?id=id${key}&resourcekey=0-SECRET`,
      },
      { offset: 0 },
      new AbortController().signal,
    );
  for (const waiter of ['a', 'b', 'c']) await book.look({ gate: 'google', waiter });
  expect(server.waiters.map(({ waiter, probe: named }) => [waiter, named?.file.key])).toEqual([
    ['a', '1'],
    ['b', '0'],
    ['c', '1'],
  ]);
  expect(server.waiters[0]?.probe?.file.url).toBe('https://drive.google.com/uc?export=download&id=id1');
  expect(JSON.stringify(server.waiters)).not.toContain('SECRET');
});
