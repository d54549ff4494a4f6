import { expect, test } from 'vitest';
import { type SourceFailureReason, sourceFailure } from '../../../src/domain/failure/source-failure.ts';
import { refusedByAll } from '../../../src/domain/mirrors/refusals.ts';

const refusal = (mirror: string, reason: SourceFailureReason, retryAfterMs?: number) => ({
  mirror,
  failure: { ...sourceFailure(reason, `open: ${reason} of ${mirror}`, retryAfterMs), host: mirror },
});

test('the refusal of the only mirror is told as it is', () => {
  const { mirror, failure } = refusal('a.example', 'missing');
  expect(refusedByAll('x.png', [{ mirror, failure }])).toBe(failure);
});

test('the most hopeful reason counts, and each is named', () => {
  const failure = refusedByAll('x.png', [
    refusal('a.example', 'missing'),
    refusal('b.example', 'oversized-body'),
    refusal('c.example', 'private'),
  ]);
  expect(failure).toMatchObject({ reason: 'oversized-body', host: 'b.example' });
  expect(failure.detail).toBe(
    'open [file=x.png]: expected it from one of 3 mirrors, got: a.example missing, b.example oversized-body, c.example private',
  );
});

test('a file is lost only where every mirror says so; of waits the shortest counts', () => {
  expect(refusedByAll('x', [refusal('a', 'missing'), refusal('b', 'missing')]).reason).toBe('missing');
  const waits = refusedByAll('x', [
    refusal('a', 'missing'),
    refusal('b', 'rate-limited', 60_000),
    refusal('c', 'rate-limited', 5_000),
    refusal('d', 'server-error'),
  ]);
  expect(waits).toMatchObject({ reason: 'rate-limited', retryAfterMs: 5_000, host: 'c' });
});

test('without any mirror that has a place for it, it is missing', () => {
  expect(refusedByAll('x', []).reason).toBe('missing');
});
