import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { findingsOf } from './judge/findings.ts';
import { judgeAll, StateBook, type Verdict } from './judge/judge-all.ts';
import { type Law, laws } from './judge/laws.ts';
import { recordAnew, recordingFolder } from './recordings/session.ts';
import { chosen } from './states/crash-states.ts';
import { allWays } from './states/losses.ts';

/** Of some thousand: `npm run crash-states -- --all` looks at every one. */
const STATES = 300;

const cannotTrace = whyNoTrace();

describe.skipIf(cannotTrace)(`after a power cut${cannotTrace ? ` (skipped: ${cannotTrace})` : ''}`, () => {
  let verdicts: readonly Verdict[];
  beforeAll(async () => {
    // Stays: `npm run crash-states -- --state ID --of-test` shows what a failure names.
    const recordings = await recordAnew(inject('temporalAddress'), recordingFolder('test'));
    const book = new StateBook(recordings);
    verdicts = await judgeAll(recordings, book, chosen(book.all(), STATES));
  }, 400_000);

  test(`${STATES} states: of every recorded command, after every kind of operation, with every kind of loss`, () => {
    expect(verdicts.length).toBe(STATES);
    const states = verdicts.map(({ state }) => state);
    expect(new Set(states.map(({ recording }) => recording)).size).toBe(6);
    expect(new Set(states.map(({ way }) => way)).size).toBe(allWays.length);
    const kinds = new Set(states.map(({ last }) => last?.kind));
    for (const kind of ['create', 'write', 'sync', 'rename', 'unlink', 'mkdir', 'rmdir'] as const)
      expect(kinds).toContain(kind);
  });

  test.each(Object.entries(laws) as [Law, string][])('%s: %s', (law) => {
    const broken = findingsOf(verdicts).filter((finding) => finding.law === law);
    expect(broken.map(({ manner, ids }) => `${manner} [${ids.length} states, first ${ids[0]}]`)).toEqual([]);
  });
});

/** Containers may have it and forbid it. */
function whyNoTrace(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (error) return 'no strace on this machine';
  return status === 0 ? undefined : stderr.trim().split('\n')[0];
}
