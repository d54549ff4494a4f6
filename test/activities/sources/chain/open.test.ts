import { describe, expect, test, vi } from 'vitest';
import { makeChain } from '../../../../src/activities/sources/chain/open.ts';
import { type Source, SourceBodyError } from '../../../../src/activities/sources/contract/source.ts';
import { ChainMemory } from '../../../../src/domain/chain/chain-memory.ts';
import type { WholeWait } from '../../../../src/domain/chain/patience.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { parseMd5 } from '../../../../src/domain/dataset/ids.ts';
import { type SourceFailure, sourceFailure } from '../../../../src/domain/failure/source-failure.ts';
import { MINUTE } from '../../../../src/domain/run/time-units.ts';
import { outcomeOf } from '../reading.ts';

const md5 = parseMd5('0123456789abcdef0123456789abcdef');
const file: FileSpec = {
  kind: 'images',
  key: '7',
  url: '',
  path: 'images1024x1024/00000/00007.png',
  size: 6,
  ...(md5 === undefined ? {} : { md5 }),
};

/** What a source does the next time that it is asked: these bytes, these and then a break, or a refusal. */
type Does = string | { readonly breaksAfter: string } | SourceFailure;

/** A source that does one thing after the other; the last for ever. */
function source(name: string, ...does: readonly Does[]) {
  const asked: number[] = [];
  const made: Source = {
    name,
    async open(_, { offset }) {
      const now = does[Math.min(asked.length, does.length - 1)] ?? 'abcdef';
      asked.push(offset);
      if (typeof now !== 'string' && 'reason' in now) return { status: 'failed', failure: now };
      const body = (async function* () {
        yield Buffer.from(typeof now === 'string' ? now.slice(offset) : now.breaksAfter.slice(offset));
        if (typeof now !== 'string') throw new SourceBodyError(sourceFailure('connection', 'cut'));
      })();
      return { status: 'opened', from: offset, body };
    },
  };
  return { ...made, asked };
}

const refuses = (reason: SourceFailure['reason'], retryAfterMs?: number) =>
  sourceFailure(reason, `${reason} of ${file.path}`, retryAfterMs);

function chain(
  sources: readonly Source[],
  { wait, memory = new ChainMemory() }: { wait?: WholeWait; memory?: ChainMemory } = {},
) {
  const members = sources.map((one) => ({ id: one.name, source: one }));
  return makeChain('chain', members, { patienceMs: 10 * MINUTE, memory, waitOf: async () => wait });
}

const get = async (asked: Source, offset = 0) => {
  const opened = await asked.open(file, { offset }, new AbortController().signal);
  return opened.status === 'failed' ? opened.failure : (opened.source ?? '');
};

describe('a file goes to the next source', () => {
  test.each([
    ...['missing', 'private', 'infected', 'quota', 'source-changed', 'short-body', 'oversized-body'],
    ...['unknown-page', 'network-down', 'host-down', 'source-not-mounted', 'credential', 'host-not-allowed'],
  ] as const)('where one says %s', async (reason) => {
    const next = source('next');
    const outcome = await outcomeOf(chain([source('first', refuses(reason)), next]), file);
    expect(String(outcome.bytes)).toBe('abcdef');
    expect(next.asked).toEqual([0]);
  });

  test('where a gate is closed for longer than it waits, and only then', async () => {
    const closed = { ...refuses('blocked'), gate: 'google' as const, host: 'drive.google.com' };
    const asked = (minutes: number | undefined) => {
      const next = source('next');
      const wait =
        minutes === undefined ? undefined : { since: Date.now(), until: Date.now() + minutes * MINUTE };
      return get(chain([source('first', closed), next], wait === undefined ? {} : { wait }));
    };
    expect(await asked(5)).toEqual(closed);
    expect(await asked(600)).toBe('next');
    // Nobody can say for how long.
    expect(await asked(undefined)).toBe('next');
  });

  test('where a source that names short rests names one after the other for longer than it waits', async () => {
    const memory = new ChainMemory();
    const first = source('first', refuses('rate-limited', MINUTE));
    expect(await get(chain([first, source('next')], { memory }))).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: MINUTE,
    });
    memory.waitsSince('first', Date.now() - 10 * MINUTE);
    expect(await get(chain([first, source('next')], { memory }))).toBe('next');
  });

  test('and it is known meanwhile who is not asked, and until when; once it gives something nobody waits', async () => {
    const memory = new ChainMemory();
    const until = Date.now() + 600 * MINUTE;
    const closed = { ...refuses('blocked'), gate: 'google' as const, host: 'drive.google.com' };
    const asked = chain([source('first', closed, 'abcdef'), source('next')], {
      memory,
      wait: { since: Date.now(), until },
    });
    await get(asked);
    const ids = ['first', 'next'];
    expect(memory.waiting(ids, Date.now())).toEqual([{ source: 'first', reason: 'blocked', until }]);
    expect(memory.waiting(ids, until)).toEqual([]);
    await get(asked);
    expect(memory.waiting(ids, Date.now())).toEqual([]);
  });

  test('never because others were asked for at the same time: that is over in a moment', async () => {
    const crowded = { ...refuses('rate-limited'), isCrowded: true };
    expect(await get(chain([source('first', crowded), source('next')]))).toEqual(crowded);
  });
});

describe('where every source refused, the failure that leaves most hope is said, and what each said', () => {
  const refused = (...all: readonly SourceFailure[]) =>
    get(
      chain(
        all.map((failure, at) => source(['a', 'b', 'c'][at] ?? '', failure)),
        { wait: { since: Date.now(), until: Date.now() + 600 * MINUTE } },
      ),
    );

  test('a wait before a final no', async () => {
    expect(await refused(refuses('missing'), refuses('quota'), refuses('private'))).toEqual(
      sourceFailure(
        'quota',
        `open [file=${file.path}]: expected it from one of 3 sources, got: a missing, b quota, c private`,
      ),
    );
    expect(await refused(refuses('missing'), refuses('network-down'))).toMatchObject({
      reason: 'network-down',
    });
  });

  test('of final ones that of the first', async () => {
    expect(await refused(refuses('missing'), refuses('private'))).toMatchObject({ reason: 'missing' });
  });

  test('a file of a gate that is closed for long waits alone, so that others go on', async () => {
    const closed = { ...refuses('blocked'), gate: 'google' as const };
    const failure = await refused(closed, refuses('missing'));
    expect(failure).toMatchObject({ reason: 'blocked', isPutAside: true });
    expect(failure).not.toHaveProperty('gate');
    expect((failure as SourceFailure).retryAfterMs).toBeGreaterThan(590 * MINUTE);
  });

  test('what failed by chance is asked again first, and waited for where it fails again and again', async () => {
    const asked = chain([source('a', refuses('quota')), source('b', refuses('connection'))]);
    const reasons = [];
    for (let times = 0; times < 4; times++) reasons.push(((await get(asked)) as SourceFailure).reason);
    expect(reasons).toEqual(['connection', 'connection', 'quota', 'quota']);
  });
});

describe('bytes that turned out wrong', () => {
  test('are asked of another source next, and it is said who lied', async () => {
    const liar = source('liar', 'wrong!');
    const honest = source('honest');
    const asked = chain([liar, honest]);
    expect(await get(asked)).toBe('liar');
    expect(asked.judged?.(file, 'wrong')).toEqual({ hasAnother: true, said: 'liar wrong bytes' });
    expect(await get(asked)).toBe('honest');
    expect(asked.judged?.(file, 'right')).toMatchObject({ hasAnother: false });
    // Nothing is held against it for other files, nor for this one once it is there.
    expect(await get(asked)).toBe('liar');
  });

  test('of every source are no reason to ask without end', async () => {
    const asked = chain([source('a', 'wrong!'), source('b', 'wrong!'), source('c', refuses('missing'))]);
    let times = 0;
    for (; times < 20; times++) {
      await get(asked);
      if (asked.judged?.(file, 'wrong').hasAnother === false) break;
    }
    expect(times).toBeLessThan(5);
  });

  test('of a source with several places are asked of its others first', async () => {
    const heard: string[] = [];
    const mirrors: Source = {
      ...source('mirrors'),
      judged: (_, verdict) => {
        heard.push(verdict);
        return { hasAnother: true, said: 'one.example wrong bytes' };
      },
    };
    const next = source('next');
    const asked = chain([mirrors, next]);
    await get(asked);
    expect(asked.judged?.(file, 'wrong')).toEqual({ hasAnother: true, said: 'one.example wrong bytes' });
    expect(await get(asked)).toBe('mirrors');
    expect(heard).toEqual(['wrong']);
    expect(next.asked).toEqual([]);
  });
});

test('where what two gave together is wrong, one gives it alone: first the one that did not begin it', async () => {
  const closed = { ...refuses('blocked'), gate: 'google' as const };
  const long = { since: Date.now(), until: Date.now() + 600 * MINUTE };
  const first = source('first', 'abc', closed, 'abc', closed);
  const next = source('next');
  const asked = chain([first, next], { wait: long });
  expect([await get(asked), await get(asked, 3)]).toEqual(['first', 'next']);
  expect(asked.judged?.(file, 'wrong').hasAnother).toBe(false);
  expect([await get(asked), await get(asked, 3)]).toEqual(['next', 'next']);
  asked.judged?.(file, 'wrong');
  expect([await get(asked), first.asked]).toEqual(['first', [0, 3, 0]]);
});

test('where one breaks off, another one goes on there at the next attempt', async () => {
  const first = source('first', { breaksAfter: 'abc' });
  const next = source('next');
  const asked = chain([first, next]);
  const broken = await outcomeOf(asked, file);
  expect([String(broken.bytes), broken.failure?.reason]).toEqual(['abc', 'connection']);
  const rest = await outcomeOf(asked, file, { offset: 3 });
  expect(String(rest.bytes)).toBe('def');
  expect(next.asked).toEqual([3]);
});

test('an answer between two refusals ends the wait of the first', async () => {
  const memory = new ChainMemory();
  const [hours, minute] = [2 * 60 * MINUTE, MINUTE];
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const busy = source(
      'busy',
      refuses('rate-limited', minute),
      refuses('missing'),
      refuses('rate-limited', minute),
    );
    const both = chain([busy, source('other', refuses('missing'))], { memory });
    expect(await get(both)).toMatchObject({ reason: 'rate-limited' });
    await get(both);
    vi.setSystemTime(Date.now() + hours);
    expect(await get(both)).not.toHaveProperty('isPutAside');
  } finally {
    vi.useRealTimers();
  }
});
