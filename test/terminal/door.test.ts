import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FailureReason } from '../../src/domain/failure/reasons.ts';
import { quoted } from '../../src/domain/quoting/quoted.ts';
import type { RunEnd, RunSnapshot } from '../../src/runs/run-snapshot.ts';
import { blockOn, linesTo } from '../../src/terminal/door.ts';
import { endLines } from '../../src/terminal/end-text.ts';
import { makeJsonDisplay } from '../../src/terminal/json-display.ts';
import { makeLiveDisplay } from '../../src/terminal/live-display.ts';
import { makePlainDisplay } from '../../src/terminal/plain-display.ts';
import { advance, emptyProgressModel } from '../../src/terminal/progress-model.ts';
import { blockLines } from '../../src/terminal/progress-text.ts';
import { statusLines } from '../../src/terminal/status-text.ts';
import { beyondPrintable, hostileText } from '../support/hostile-text.ts';
import { activity, child, heartbeat, runProgress, snapshot, tally } from './snapshots.ts';

/** A run on a server of which others say what they like, in every place that a display shows. */
function hostileRun(a: string, b: string): RunSnapshot {
  const failures = { [b as FailureReason]: { count: 2, first: [a] } };
  const wilds = tally({ files: 3, failedFiles: 2, failures });
  return snapshot({
    workflowId: a,
    taskQueue: b,
    stale: a,
    progress: runProgress({
      kinds: { wilds, json: wilds },
      waits: [{ what: a, reason: b, until: a }],
      at: b,
    }),
    workerPolls: undefined,
    failingTask: { workflowId: b, attempt: 1, cause: a },
    activities: [
      activity({ type: b, heartbeat: heartbeat({ current: [a], note: b }) }),
      activity({ type: a, state: 'waiting', lastFailure: `${b}: ${a}` }),
    ],
    children: [child('images', wilds, [activity({ type: a, lastFailure: b, state: 'waiting' })])],
  });
}

function viewOf(run: RunSnapshot) {
  return advance(emptyProgressModel(5), run).view;
}

const ends = (a: string, b: string): RunEnd[] => [
  { status: 'failed', type: b, message: a },
  { status: 'terminated', message: b },
  {
    status: 'completed',
    result: {
      ...{ status: 'complete', records: 1, report: a, foreignFiles: 1 },
      progress: hostileRun(a, b).progress ?? runProgress({}),
    },
  },
];

test('plain lines are printable, with the line breaks that we made, whatever others say of a run', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (a, b) => {
      let text = '';
      const display = makePlainDisplay({ write: (more) => (text += more), now: () => 0 });
      const run = hostileRun(a, b);
      display.say({ event: 'note' }, `note: ${a}`);
      expect(text).toBe(`note: ${quoted(a)}\n`);
      display.show(viewOf(run));
      const lines = statusLines(run, viewOf(run), 0);
      const before = text.split('\n').length;
      display.say({ event: 'status' }, lines);
      expect(text.split('\n')).toHaveLength(before + lines.length);
      for (const end of ends(a, b)) display.say({ event: 'result' }, endLines(end, b));
      expect(text).not.toMatch(beyondPrintable);
    }),
    { numRuns: 500 },
  );
});

test('JSON lines are printable and mean what others said', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (a, b) => {
      const written: string[] = [];
      const display = makeJsonDisplay({ write: (text) => written.push(text), now: () => 0 });
      display.say({ event: 'note', text: a, [b]: a }, '');
      display.show(viewOf(hostileRun(a, b)));
      for (const text of written) expect(text).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+\n$/u);
      expect(written).toHaveLength(2);
      expect(JSON.parse(written[1] ?? '')).toMatchObject(
        JSON.parse(JSON.stringify({ workflowId: a, stale: a })),
      );
    }),
    { numRuns: 500 },
  );
});

/** What the live block itself may send: erase, go up, go to a column, hide and show the cursor, draw at once. */
const OWN = new RegExp(`${'\u001b'}\\[(?:\\d*[KAGJ]|\\d*;?\\d*H|\\?(?:25|2026)[hl])`, 'g');

test('the live block sends no sequence but its own, and names no sequence that others sent', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (a, b) => {
      let text = '';
      const stream = Object.assign(
        new Writable({
          write(chunk, _encoding, done) {
            text += String(chunk);
            done();
          },
        }),
        { columns: 4_000, rows: 60, isTTY: true },
      ) as unknown as NodeJS.WriteStream;
      const display = makeLiveDisplay({ stream, redrawMs: 1_000_000, now: () => 0 });
      const run = hostileRun(a, b);
      // Their own words, set apart from what the block itself sends.
      const sent = stripVTControlCharacters(a) === a ? undefined : `said: ${a}`;
      display.say({ event: 'note' }, `said: ${a}`);
      display.show(viewOf(run));
      display.say({ event: 'note' }, [b, a]);
      display.settle();
      expect(text.replace(OWN, '')).not.toMatch(beyondPrintable);
      expect(text.startsWith(`said: ${quoted(a)}\n`)).toBe(true);
      if (sent !== undefined) expect(text).not.toContain(sent);
    }),
    { numRuns: 200 },
  );
});

test('a line of the block is cut to the width of the terminal as it is shown, and ends with a whole character', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 60 }), (a, columns) => {
      const lines = blockLines(viewOf(hostileRun(`😀${a}😀`, a)), columns, 0);
      for (const line of lines) {
        expect(line).not.toMatch(beyondPrintable);
        expect(line).toBe(quoted(line));
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }),
    { numRuns: 300 },
  );
});

test('no string at all gets past the door', () => {
  fc.assert(
    fc.property(fc.array(hostileText), (lines) => {
      let text = '';
      linesTo({ write: (more) => (text += more) })(lines);
      expect(text).not.toMatch(beyondPrintable);
      expect(text.split('\n')).toHaveLength(lines.length + 1);
    }),
  );
  const drawn: string[] = [];
  const stream = { columns: 80, rows: 24, isTTY: true, write: (text: string) => drawn.push(text) };
  blockOn(stream as unknown as NodeJS.WriteStream).draw(['a\u001b]0;x\u0007', 'b\nc']);
  expect(drawn.join('').replace(OWN, '')).toBe('a\\x1b]0;x\\x07\nb\\nc\n');
});
