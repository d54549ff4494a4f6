import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heartbeat } from '../../src/activities/heartbeat.ts';
import type { HostRest } from '../../src/domain/failure/source-failure.ts';

interface Begun {
  readonly attempts: number;
  readonly settled: ReturnType<Heartbeat['settledOutcome']>;
  readonly since: number;
  readonly rests: readonly HostRest[];
  readonly surprises: number;
}

/** What an attempt knows of file `a` and of hosts when it begins with these details. */
function begunWith(heartbeatDetails: unknown): Promise<Begun> {
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  return environment.run<[], Begun, () => Promise<Begun>>(async () => {
    const heartbeat = Heartbeat.begin();
    try {
      return {
        attempts: heartbeat.attemptsOf('a'),
        settled: heartbeat.settledOutcome('a'),
        since: heartbeat.waitsSince('a'),
        rests: Object.values(heartbeat.rests),
        surprises: heartbeat.countSurprise('TypeError'),
      };
    } finally {
      heartbeat.end();
    }
  });
}

test('an attempt goes on with what the last one noted', async () => {
  const settled = { status: 'deferred', reason: 'quota', until: 5, waitMs: 3 };
  const rest = { reason: 'blocked', detail: 'a page', until: 7, waitMs: 3 };
  const noted = {
    attempts: { a: 2 },
    settled: { a: settled },
    waitsSince: { a: 9 },
    rests: { 'example.org': rest },
    surprises: { name: 'TypeError', times: 4 },
  };
  expect(await begunWith(noted)).toEqual({ attempts: 2, settled, since: 9, rests: [rest], surprises: 5 });
});

test('what somebody else noted in its place is passed over, and the attempt begins all the same', async () => {
  const fields = ['attempts', 'settled', 'waitsSince', 'rests', 'surprises'] as const;
  const details = fc.oneof(
    fc.jsonValue(),
    fc.record(Object.fromEntries(fields.map((field) => [field, fc.jsonValue()]))),
    fc.record(Object.fromEntries(fields.map((field) => [field, fc.jsonValue().map((a) => ({ a }))]))),
  );
  await fc.assert(
    fc.asyncProperty(details, async (hostile) => {
      const { attempts, settled, since, rests, surprises } = await begunWith(hostile);
      for (const count of [attempts, since, surprises]) expect(Number.isFinite(count)).toBe(true);
      if (settled !== undefined) expect(['failed', 'deferred']).toContain(settled.status);
      for (const { until, detail } of rests)
        expect([typeof until, typeof detail]).toEqual(['number', 'string']);
    }),
    { numRuns: 300 },
  );
});
