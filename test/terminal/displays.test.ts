import { describe, expect, test } from 'vitest';
import type { RunSnapshot } from '../../src/runs/run-snapshot.ts';
import { makeJsonDisplay } from '../../src/terminal/json-display.ts';
import { makePlainDisplay } from '../../src/terminal/plain-display.ts';
import type { ProgressView } from '../../src/terminal/progress-model.ts';
import { advance, emptyProgressModel } from '../../src/terminal/progress-model.ts';
import { blockLines } from '../../src/terminal/progress-text.ts';
import { activity, child, heartbeat, runProgress, snapshot, tally } from './snapshots.ts';

function view(part: Partial<RunSnapshot>): ProgressView {
  return advance(emptyProgressModel(5), snapshot(part)).view;
}

function images(doneFiles: number): Partial<RunSnapshot> {
  const kind = tally({ files: 70_000, bytes: 95_700_000_000, doneFiles, doneBytes: doneFiles * 1_367_000 });
  return { progress: runProgress({ kinds: { images: kind } }) };
}

describe('the live block', () => {
  const busy = view({
    progress: runProgress({
      kinds: {
        images: tally({
          files: 70_000,
          bytes: 95_700_000_000,
          doneFiles: 35_000,
          doneBytes: 47_850_000_000,
          failedFiles: 2,
          failures: { missing: { count: 2, first: ['7', '9'] } },
        }),
      },
      waits: [{ what: 'images 00000', reason: 'quota', until: '2026-01-01T01:00:00.000Z' }],
    }),
    children: [
      child('images', undefined, [activity({ heartbeat: heartbeat({ current: ['a', 'b', 'c'] }) })]),
    ],
    workerPolls: false,
  });

  test('has a bar per kind and a line for every wait and failure', () => {
    expect(blockLines(busy, 120, Date.parse('2026-01-01T00:30:00.000Z'))).toEqual([
      'ffhq-faces-12345678: fetching and verifying, slowed by: waiting',
      'images    [############............]  50.0 %  35,000/70,000 files  44.6 GiB/89.1 GiB  3 in flight  2 failed',
      'no worker polls: start one with `npm run worker` (or `npm start`)',
      'waiting: images 00000: quota, until 2026-01-01T01:00:00.000Z (in 30m 00s)',
      'failed: 2 images missing: 00007, 00009',
    ]);
  });

  test('never draws a line wider than the terminal', () => {
    for (let columns = 1; columns < 130; columns++) {
      for (const line of blockLines(busy, columns, 0)) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test('what waits for as long as it takes says what a person can do, once for all that wait for it', () => {
    const waiting = (host: string) =>
      activity({
        state: 'waiting',
        attempt: 3,
        lastFailure: `Source.NetworkDown: GET [host=${host}]: expected a response, got ECONNREFUSED`,
      });
    const lines = blockLines(view({ activities: [waiting('a:1'), waiting('b:1')] }), 79, 0);
    expect(lines.filter((line) => line.startsWith('retrying: fetchBundle'))).toHaveLength(2);
    expect(lines.filter((line) => line.endsWith('wrong host? run `ffhq cancel`'))).toHaveLength(1);
  });

  test('a workflow whose tasks keep failing is shown as what it is', () => {
    const stuck = view({
      failingTask: { workflowId: 'ffhq-x/images/00000', attempt: 7, cause: 'TMPRL1100: gone' },
    });
    expect(blockLines(stuck, 200, 0).join('\n')).toContain(
      'stuck: the Workflow Task of ffhq-x/images/00000 fails, attempt 7: TMPRL1100: gone',
    );
  });
});

describe('plain lines', () => {
  function collect() {
    const lines: string[] = [];
    let nowMs = 0;
    const display = makePlainDisplay({
      write: (text) => lines.push(text.trimEnd()),
      everyMs: 5_000,
      now: () => nowMs,
    });
    return { lines, display, pass: (ms: number) => (nowMs += ms) };
  }

  test('come at most every few seconds, and not at all while nothing changes', () => {
    const { lines, display, pass } = collect();
    for (let second = 0; second < 20; second++) {
      display.show(view(images(second < 10 ? second * 1000 : 10_000)));
      pass(1_000);
    }
    expect(lines).toEqual([
      expect.stringContaining('0/70,000 files'),
      expect.stringContaining('5,000/70,000 files'),
      expect.stringContaining('10,000/70,000 files'),
    ]);
  });

  test('say a pause and a lost worker at once, each once', () => {
    const { lines, display, pass } = collect();
    display.show(view(images(0)));
    for (let second = 0; second < 12; second++) {
      pass(1_000);
      display.show(view({ ...images(0), workerPolls: false }));
    }
    expect(lines.filter((line) => line.includes('no worker polls'))).toHaveLength(1);
    pass(100);
    const paused = runProgress({ ...images(0).progress, paused: true });
    display.show(view({ progress: paused }));
    expect(lines.at(-1)).toContain('paused');
  });

  test('end with the last state', () => {
    const { lines, display } = collect();
    display.show(view(images(1)));
    display.show(view(images(70_000)));
    display.settle();
    expect(lines.at(-1)).toContain('70,000/70,000 files');
  });
});

describe('JSON events', () => {
  test('are one object per line, each with its event and time', () => {
    const lines: string[] = [];
    const display = makeJsonDisplay({ write: (text) => lines.push(text), now: () => 0 });
    display.say({ event: 'folder', path: '/d\n' }, 'ignored');
    display.show(view(images(1)));
    display.show(view(images(1)));
    display.show(view(images(2)));
    const events = lines.map((line) => JSON.parse(line) as { event: string; at: string });
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(events.map(({ event }) => event)).toEqual(['folder', 'progress', 'progress']);
    expect(events[0]).toEqual({ event: 'folder', path: '/d\n', at: '1970-01-01T00:00:00.000Z' });
  });
});
