import { describe, expect, test } from 'vitest';
import type { ActivityProgress } from '../../src/domain/run/progress.ts';
import type { PendingActivity, RunSnapshot } from '../../src/runs/run-snapshot.ts';
import type { ProgressModel, ProgressView } from '../../src/terminal/progress-model.ts';
import { advance, emptyProgressModel, liveTallies } from '../../src/terminal/progress-model.ts';
import { blockLines } from '../../src/terminal/progress-text.ts';
import { statusLines } from '../../src/terminal/status-text.ts';
import { activity, child, heartbeat, runProgress, snapshot, tally } from './snapshots.ts';

function viewAfter(window: number, ...snapshots: RunSnapshot[]): ProgressView {
  let model = emptyProgressModel(window);
  let view: ProgressView | undefined;
  for (const next of snapshots) ({ model, view } = advance(model, next));
  if (view === undefined) throw new Error('expected at least one snapshot');
  return view;
}

function at(seconds: number, doneBytes: number, paused = false): RunSnapshot {
  const images = tally({ files: 100, bytes: 1000, doneFiles: doneBytes / 10, doneBytes });
  return snapshot({ takenAt: seconds * 1000, progress: runProgress({ kinds: { images }, paused }) });
}

describe('rate and ETA', () => {
  test('are taken over the last samples of the window only', () => {
    const [images] = viewAfter(3, at(0, 0), at(1, 10), at(2, 110), at(3, 210)).kinds;
    expect(images).toMatchObject({ bytesPerSecond: 100, filesPerSecond: 10, etaSeconds: 7.9 });
  });

  test('are unknown after one sample, and without progress there is no ETA', () => {
    expect(viewAfter(50, at(0, 500)).kinds[0]).toMatchObject({
      bytesPerSecond: undefined,
      etaSeconds: undefined,
    });
    expect(viewAfter(50, at(0, 500), at(9, 500)).kinds[0]).toMatchObject({
      bytesPerSecond: 0,
      etaSeconds: undefined,
    });
  });

  test('do not count a pause as slowness', () => {
    const [images] = viewAfter(
      50,
      at(0, 0),
      at(1, 100),
      at(2, 100, true),
      at(1000, 100),
      at(1001, 200),
    ).kinds;
    expect(images?.bytesPerSecond).toBe(100);
  });

  test('end at zero when every file is done or has failed', () => {
    const images = tally({ files: 3, bytes: 30, doneFiles: 2, doneBytes: 20, failedFiles: 1 });
    expect(
      viewAfter(50, snapshot({ progress: runProgress({ kinds: { images } }) })).kinds[0]?.etaSeconds,
    ).toBe(0);
  });

  test('are of files where sizes are unknown', () => {
    const licenses = tally({ files: 4, doneFiles: 1 });
    expect(viewAfter(50, snapshot({ progress: runProgress({ kinds: { licenses } }) })).kinds[0]?.share).toBe(
      0.25,
    );
  });
});

describe('live figures', () => {
  const planned = tally({ files: 2000, bytes: 2_000_000, doneFiles: 500, doneBytes: 500_000 });

  test('add what pending bundles did since their child last counted', () => {
    const beats = heartbeat({
      files: 32,
      filesDone: 10,
      bytesDone: 10_500,
      failed: 1,
      current: ['00042.png 50 %'],
    });
    const own = tally({
      files: 1000,
      doneFiles: 164,
      fetchedFiles: 64,
      doneBytes: 164_000,
      fetchedBytes: 64_000,
    });
    const one = child('images', own, [activity({ heartbeat: beats })]);
    const counted = { [one.workflowId]: tally({ doneFiles: 100, doneBytes: 100_000 }) };
    const view = viewAfter(
      50,
      snapshot({ progress: runProgress({ kinds: { images: planned }, counted }), children: [one] }),
    );
    expect(view.kinds[0]).toMatchObject({
      kind: 'images',
      doneFiles: 500 + 64 + 10,
      doneBytes: 500_000 + 64_000 + 10_500,
      failedFiles: 1,
      inFlight: 1,
    });
  });

  test('count nothing twice that the run has counted of an open child', () => {
    const counted = tally({
      files: 1000,
      doneFiles: 600,
      fetchedFiles: 500,
      failedFiles: 1,
      failures: { missing: { count: 1, first: ['7'] } },
    });
    const now = tally({
      files: 1000,
      doneFiles: 640,
      fetchedFiles: 540,
      failedFiles: 3,
      failures: { missing: { count: 3, first: ['7', '8', '9'] } },
    });
    const one = child('images', now);
    const run = tally({ ...planned, failedFiles: 1, failures: { missing: { count: 1, first: ['7'] } } });
    const { images } = liveTallies(
      snapshot({
        progress: runProgress({ kinds: { images: run }, counted: { [one.workflowId]: counted } }),
        children: [one],
      }),
    );
    expect(images).toMatchObject({ doneFiles: 540, failedFiles: 3 });
    expect(images?.failures.missing).toEqual({ count: 3, first: ['7', '8', '9'] });
  });

  test('do not shrink while a child has yet to plan', () => {
    const one = child('images', tally({}));
    const counted = { [one.workflowId]: tally({ doneFiles: 100, doneBytes: 100_000 }) };
    const { images } = liveTallies(
      snapshot({ progress: runProgress({ kinds: { images: planned }, counted }), children: [one] }),
    );
    expect(images).toMatchObject({ doneFiles: 500, doneBytes: 500_000 });
  });

  test('count heartbeats also when no worker answers for the child', () => {
    const beats = heartbeat({ filesDone: 5, bytesDone: 5_000 });
    const { images } = liveTallies(
      snapshot({
        progress: runProgress({ kinds: { images: planned } }),
        children: [child('images', undefined, [activity({ heartbeat: beats })])],
      }),
    );
    expect(images).toMatchObject({ doneFiles: 505, doneBytes: 505_000 });
  });

  test('never pass the total, whatever is counted twice for a moment', () => {
    const full = tally({ files: 10, bytes: 100, doneFiles: 10, doneBytes: 100 });
    const own = tally({
      files: 10,
      bytes: 100,
      doneFiles: 10,
      fetchedFiles: 10,
      doneBytes: 100,
      fetchedBytes: 100,
    });
    const { images } = liveTallies(
      snapshot({ progress: runProgress({ kinds: { images: full } }), children: [child('images', own)] }),
    );
    expect(images).toMatchObject({ doneFiles: 10, doneBytes: 100 });
  });
});

test('figures do not go back while a bundle that closed is not yet counted by its folder, but do when it stays so', () => {
  const seen = (takenAt: number, part: Partial<RunSnapshot>, filesDone: number) =>
    snapshot({
      ...part,
      takenAt,
      progress: runProgress({ kinds: { images: tally({ files: 100, bytes: 1_000 }) } }),
      children: [
        child('images', tally({ files: 100, bytes: 1_000 }), [
          activity({ heartbeat: heartbeat({ filesDone, bytesDone: 10 * filesDone }) }),
        ]),
      ],
    });
  const shown = (model: ProgressModel, next: RunSnapshot) => {
    const { model: after, view } = advance(model, next);
    return { model: after, done: view.kinds.map(({ doneFiles, doneBytes }) => [doneFiles, doneBytes]) };
  };
  const first = shown(emptyProgressModel(5), seen(0, {}, 30));
  const closed = shown(first.model, seen(2_000, {}, 0));
  expect(closed.done).toEqual([[30, 300]]);
  expect(shown(closed.model, seen(9_000, {}, 2)).done).toEqual([[2, 20]]);
  expect(shown(closed.model, seen(9_000, { workerPolls: false }, 0)).done).toEqual([[30, 300]]);
});

test('bundles that wait for the same reason are one line, with the earliest next attempt', () => {
  const waiting = { state: 'waiting', lastFailure: 'Source.NetworkDown: refused' } as const;
  const view = viewAfter(
    50,
    snapshot({
      children: [
        child('images', undefined, [
          activity({ ...waiting, attempt: 2, nextAttemptAt: 9000 }),
          activity({ ...waiting, attempt: 4, nextAttemptAt: 5000 }),
          activity({ state: 'waiting' }),
        ]),
      ],
    }),
  );
  expect(view.retries).toEqual([
    {
      type: 'fetchBundle',
      count: 2,
      attempt: 4,
      failure: 'Source.NetworkDown: refused',
      advice: expect.stringContaining('no connection'),
      nextAttemptAt: 5000,
    },
  ]);
});

test('an answer with failures by names that objects inherit is shown as any other', () => {
  const failures = JSON.parse('{"toString":{"count":2,"first":["7"]},"__proto__":{"count":1,"first":["8"]}}');
  const own = tally({ files: 9, failedFiles: 3, failures });
  const kinds = { images: tally({ files: 9 }) };
  const view = viewAfter(
    50,
    snapshot({ progress: runProgress({ kinds }), children: [child('images', own)] }),
  );
  expect(view.failures.map(({ reason, count }) => [reason, count])).toEqual([
    ['toString', 2],
    ['__proto__', 1],
  ]);
});

test('a run that nobody answers for has no figures, and says why', () => {
  const children = [child('images', tally({ files: 9, doneFiles: 3 }))];
  const unanswered = { progress: undefined, stale: 'no poller', children } as const;
  expect(viewAfter(50, snapshot(unanswered))).toMatchObject({ kinds: [], stale: 'no poller' });
  const view = viewAfter(50, snapshot({ ...unanswered, workerPolls: false }));
  expect(view).toMatchObject({ kinds: [], stage: undefined, workerPolls: false, stale: undefined });
});

describe('what slows a run down', () => {
  const slow = (slow: ActivityProgress['slow'], state: PendingActivity['state'] = 'started') =>
    activity({ state, worker: 'w', heartbeat: heartbeat({ ...(slow ? { slow } : {}) }) });
  const slowedBy = (part: Parameters<typeof snapshot>[0]) =>
    advance(emptyProgressModel(5), snapshot(part)).view.slowedBy;

  test('is summed over the Activities of all workers', () => {
    const children = [
      child('images', undefined, [slow({ network: 900, disk: 10 }), slow({ disk: 500 })]),
      child('thumbs', undefined, [slow({ disk: 600 })]),
    ];
    expect(slowedBy({ children })).toBe('disk');
  });

  test('is not what Activities waited for that nobody has in hand', () => {
    const children = [child('images', undefined, [slow({ network: 900 }, 'waiting'), slow({ disk: 5 })])];
    expect(slowedBy({ children })).toBe('disk');
  });

  test('is nothing before there is something to fetch, and when all is over', () => {
    expect(slowedBy({ progress: runProgress({ stage: 'plan' }) })).toBeUndefined();
    expect(slowedBy({ status: 'completed' })).toBeUndefined();
  });

  test('each worker tells once what it asks of a host', () => {
    const sources = [{ host: 'mirror', inFlight: 6, most: 7 }];
    const telling = (worker: string) => activity({ worker, heartbeat: heartbeat({ sources }) });
    const children = [child('images', undefined, [telling('a'), telling('a'), telling('b')])];
    const { view } = advance(emptyProgressModel(5), snapshot({ children }));
    expect(view.sources).toEqual([
      { ...sources[0], worker: 'a' },
      { ...sources[0], worker: 'b' },
    ]);
    const limits = { requests: 5 };
    const lines = statusLines(snapshot({ children, limits }), { ...view, limits }, 0);
    expect(lines).toContain('limits: 5 requests a second');
    expect(lines).toContain('source mirror: 6 of at most 7 requests at once, by a');
  });

  test('of several sources each is told in a line: what it gave, and until when it is not asked', () => {
    const until = Date.parse('2026-01-01T12:00:00Z');
    const given = (files: number) => ({ files, bytes: 1024 * files });
    const kinds = {
      json: tally({ files: 1, sources: { 'drive.google.com': given(1) } }),
      images: tally({ files: 9, sources: { 'google-drive': given(2) } }),
    };
    const waiting = [{ source: 'google-drive', reason: 'blocked', until }];
    const own = tally({ files: 5, doneFiles: 3, sources: { 'http-mirror m.example': given(3) } });
    const bundle = activity({ heartbeat: heartbeat({ waiting }) });
    const children = [child('images', own, [bundle])];
    const one = snapshot({ progress: runProgress({ kinds }), children });
    const { view } = advance(emptyProgressModel(5), one);
    const lines = [
      'from http-mirror m.example: 3 files, 3.00 KiB',
      'from google-drive: 2 files, 2.00 KiB; blocked, asked again 2026-01-01 12:00:00 UTC',
    ];
    expect(statusLines(one, view, 0)).toEqual(expect.arrayContaining(lines));
    expect(blockLines(view, 120, 0)).toEqual(expect.arrayContaining(lines));
    const alone = snapshot({ progress: runProgress({ kinds }) });
    expect(advance(emptyProgressModel(5), alone).view.giving).toEqual([]);
  });
});
