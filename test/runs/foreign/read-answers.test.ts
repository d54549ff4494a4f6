import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import {
  readActivityProgress,
  readChildProgress,
  readRunProgress,
  readRunResult,
} from '../../../src/runs/foreign/read-answers.ts';
import { endLines } from '../../../src/terminal/end-text.ts';
import { advance, emptyProgressModel } from '../../../src/terminal/progress-model.ts';
import { statusLines } from '../../../src/terminal/status-text.ts';
import { activity, child, heartbeat, runProgress, snapshot } from '../../terminal/snapshots.ts';

const tally = {
  ...{ ...emptyTally, files: 3, failedFiles: 1, identicalFiles: 1, swept: { files: 1, bytes: 2 } },
  failures: { 'wrong-md5': { count: 1, first: ['7'] } },
};
const progress = runProgress({
  ...{ kinds: { images: tally }, counted: { x: tally }, children: ['x'] },
  waits: [{ what: 'images 00000', reason: 'quota', until: '2026-01-01T00:00:00.000Z' }],
});
const { progress: childProgress } = child('images', tally);
const details = heartbeat({ current: ['00007.png 3 %'], attempts: { 7: 2 }, note: 'reading' });
const result = {
  ...{ status: 'complete with failures', records: 3, report: '.ffhq/report.txt', foreignFiles: 0 },
  progress,
} as const;

test('what a run, its children and its Activities answer is read as it was said', () => {
  expect(readRunProgress(progress)).toEqual(progress);
  expect(readRunProgress(runProgress({}))).toEqual(runProgress({}));
  expect(readChildProgress(childProgress)).toEqual(childProgress);
  expect(readActivityProgress(details)).toEqual(details);
  expect(readRunResult(result)).toEqual(result);
});

/** The answer with one of its members, at any depth, put in another's place. */
function changed(answer: unknown, random: () => number, value: unknown): unknown {
  if (answer === null || typeof answer !== 'object') return value;
  const names = Object.keys(answer);
  const name = names[Math.floor(random() * (names.length + 1))];
  if (name === undefined) return value;
  const members = answer as Record<string, unknown>;
  const member = changed(members[name], random, value);
  return Array.isArray(answer)
    ? answer.map((one, at) => (String(at) === name ? member : one))
    : { ...members, [name]: member };
}

test('whatever else somebody answers is no answer, or one that can be shown', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer(), (value, seed) => {
      let state = seed;
      const random = () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) / 2 ** 24;
      };
      const seen = snapshot({
        progress: readRunProgress(changed(progress, random, value)),
        activities: [activity({ heartbeat: readActivityProgress(changed(details, random, value)) })],
        children: [
          { ...child('images', tally), progress: readChildProgress(changed(childProgress, random, value)) },
        ],
      });
      const { view } = advance(emptyProgressModel(2), seen);
      expect(statusLines(seen, view, 0).length).toBeGreaterThan(0);
      const end = readRunResult(changed(result, random, value));
      if (end !== undefined)
        expect(endLines({ status: 'completed', result: end }, '/out').length).toBeGreaterThan(1);
    }),
    { numRuns: 2_000 },
  );
});
