import { expect, test } from 'vitest';
import { GateBook } from '../../../../src/activities/sources/gates/gate-book.ts';
import { sourceFailure } from '../../../../src/domain/failure/source-failure.ts';
import type { GateNotice, GateServer, Probe, Refusal } from '../../../../src/domain/gate/source-gate.ts';

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
    enlist: async () => {},
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

test('a server that does not answer holds up no request, and a refusal that cannot be told is said to be that', async () => {
  const { server, pass, book } = gates();
  server.broken = true;
  expect(await book.refusal(DRIVE)).toBeUndefined();
  book.refused(DRIVE, sourceFailure('blocked', 'a page'));
  expect(await book.tell('google', probe)).toBe(false);
  pass(1_000);
  expect(await book.refusal(DRIVE)).toBeDefined();
});

test('a busy mirror, and a file over its quota, close no gate', () => {
  const { book } = gates();
  expect(book.refused('mirror.example', sourceFailure('blocked', 'a page'))).toBeUndefined();
  expect(book.refused(DRIVE, sourceFailure('quota', 'a page'))).toBeUndefined();
  expect(book.refused(DRIVE, sourceFailure('rate-limited', 'status 503'))).toBeUndefined();
});
