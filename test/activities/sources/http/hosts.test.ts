import { expect, test } from 'vitest';
import { Hosts } from '../../../../src/activities/sources/http/hosts.ts';
import { noteWait } from '../../../../src/domain/failure/noted-wait.ts';
import { sourceFailure } from '../../../../src/domain/failure/source-failure.ts';

const failure = sourceFailure('network-down', 'GET [host=b]: expected a response, got ECONNREFUSED');

function make() {
  const clock = { now: 1_000_000 };
  const hosts = new Hosts(() => clock.now);
  /** A request that fails a second after it was begun. */
  const fails = (host: string, isOfAll = false) => {
    const begunAt = clock.now;
    clock.now += 1000;
    return hosts.unreached(host, begunAt, failure, isOfAll).reason;
  };
  const answers = (host: string) => {
    clock.now += 1000;
    hosts.answered(host);
  };
  return { clock, hosts, fails, answers };
}

test('where nothing answers it is the network, however often it is tried', () => {
  const { fails } = make();
  for (let i = 0; i < 50; i++) {
    expect(fails('a')).toBe('network-down');
    expect(fails('b')).toBe('network-down');
  }
});

test('a host that stays away while another answers is at fault itself, from its second failure on', () => {
  const { fails, answers } = make();
  answers('a');
  expect(fails('b')).toBe('network-down');
  answers('a');
  expect(fails('b')).toBe('host-down');
  expect(fails('b')).toBe('host-down');
});

test('what answered before proves nothing of a network that is down now', () => {
  const { fails, answers } = make();
  answers('a');
  for (let i = 0; i < 5; i++) expect(fails('b')).toBe('network-down');
  answers('a');
  expect(fails('a')).toBe('network-down');
  expect(fails('b')).toBe('network-down');
});

test('requests that fail together fail once', () => {
  const { hosts, clock, answers } = make();
  const begunAt = clock.now;
  answers('a');
  expect(hosts.unreached('b', begunAt, failure).reason).toBe('network-down');
  answers('a');
  expect(hosts.unreached('b', begunAt, failure).reason).toBe('network-down');
});

test('a host that answers again begins anew', () => {
  const { fails, answers } = make();
  fails('b');
  answers('a');
  answers('b');
  expect(fails('b')).toBe('network-down');
});

test('a proxy, or a mirror’s own host, that is away is no file’s fault, whoever else answers', () => {
  const { fails, answers } = make();
  for (let i = 0; i < 5; i++) {
    answers('a');
    expect(fails('b', true)).toBe('network-down');
  }
});

test('a host that could not be reached is not asked by everybody at once, and soon again', () => {
  const { hosts, clock, fails } = make();
  expect(hosts.refusal('b')).toBeUndefined();
  fails('b');
  expect(hosts.refusal('b')?.reason).toBe('network-down');
  clock.now += 1000;
  expect(hosts.refusal('b')).toBeUndefined();
});

test('a host that named a wait rests until then, and no longer when the clock is set back', () => {
  const { hosts, clock } = make();
  hosts.rest('b', {
    until: clock.now + 600_000,
    waitMs: 600_000,
    reason: 'rate-limited',
    detail: 'status 429',
  });
  clock.now += 1000;
  expect(hosts.refusal('b')).toMatchObject({ reason: 'rate-limited', retryAfterMs: 599_000, host: 'b' });
  expect(hosts.refusal('a')).toBeUndefined();
  hosts.answered('b');
  expect(hosts.refusal('b')).toBeDefined();
  clock.now -= 3_600_000;
  expect(hosts.refusal('b')).toBeUndefined();
  clock.now += 3_600_000 + 600_000;
  expect(hosts.refusal('b')).toBeUndefined();
});

test('a rest that another worker noted, whose clock is hours ahead, is no longer than the host asked for', () => {
  const { hosts, clock } = make();
  const noted = clock.now + 2 * 3_600_000;
  hosts.rest('b', { until: noted + 2_000, waitMs: 2_000, reason: 'blocked', detail: 'status 429' });
  expect(hosts.refusal('b')).toMatchObject({ retryAfterMs: 2_000 });
  clock.now += 2_000;
  expect(hosts.refusal('b')).toBeUndefined();
});

test('of a host for each file of a manifest the newest are known, and those that rest', () => {
  const { hosts, clock } = make();
  hosts.answered('works');
  hosts.rest('rests', { ...noteWait(clock.now, 1e9), reason: 'rate-limited', detail: 'a rest' });
  hosts.unreached('old', clock.now, failure);
  for (let at = 0; at < 20_000; at++) {
    hosts.answered(`up-${at}`);
    hosts.unreached(`down-${at}`, clock.now, failure);
  }
  expect(hosts.refusal('rests')).toMatchObject({ detail: 'a rest' });
  expect(hosts.refusal('old')).toBeUndefined();
  expect(hosts.refusal('down-0')).toBeUndefined();
  expect(hosts.refusal('down-19999')).toMatchObject({ host: 'down-19999' });
});

test('a failure costs no more for all the hosts that have answered', () => {
  const { hosts, clock } = make();
  for (let at = 0; at < 50_000; at++) hosts.answered(`up-${at}`);
  clock.now += 1000;
  const begun = performance.now();
  for (let at = 0; at < 200; at++) hosts.unreached('down', clock.now + at, failure);
  // Looked through one after the other, they cost a second.
  expect(performance.now() - begun).toBeLessThan(300);
});
