import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { GrowingLog } from '../../../src/activities/records/growing-log.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { FileFailure } from '../../../src/domain/failure/file-failure.ts';
import { failureLine, reportedFailure } from '../../../src/domain/words/report.ts';
import { testSeal } from '../../support/test-key.ts';

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'ffhq-test-failures-'));
});
afterAll(() => rm(out, { recursive: true }));

const run = '0b54f6de-6e3c-4a43-a6f6-1c0ba8a3a9c5';
const failure: FileFailure = {
  kind: 'thumbs',
  key: '7',
  path: 'thumbnails128x128/00000/00007.png',
  outcome: 'unavailable',
  reason: 'timeout',
  detail: 'said nothing',
  attempts: 2,
};

/** As a run with our key writes them. */
function sealed(line: unknown): string {
  const text = JSON.stringify(line);
  return text.startsWith('{') ? testSeal.close(`notes failures/${run}/thumbs/00000`, text) : text;
}

async function write(path: string, lines: readonly unknown[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, lines.map((line) => `${sealed(line)}\n`).join(''));
}

test('failures of a reason that this version does not know stand in the report, with the advice of their outcome', async () => {
  const strangers = ['from-the-future', 'constructor', '__proto__', ''].map((reason, nth) => ({
    ...failure,
    key: String(nth),
    reason,
  }));
  const broken = [{ ...failure, outcome: 'toString' }, { ...failure, attempts: '2' }, null, [failure], 7];
  const file = join(out, statePaths.failures(run, 'thumbs', '00000'), 'w.jsonl');
  await write(file, [...broken, ...strangers]);
  const lines: string[] = [];
  for await (const noted of new FailureLog('reader', testSeal).readFailures(out, run))
    lines.push(failureLine(reportedFailure(noted)));
  expect(lines).toHaveLength(strangers.length);
  for (const line of lines) expect(line).toContain('start the run again later');
});

test('of a file of notes as long as the disk no more is read than there may be, and a line without an end is none', async () => {
  const folder = join(out, 'endless');
  const path = join(folder, 'w.jsonl');
  await write(path, [1, 2]);
  // A hole: ten gigabytes that nobody had to write.
  await truncate(path, 10 * 1024 ** 3);
  await appendFile(path, '\n3\n');
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  const log = new GrowingLog(folder, isNumber);
  expect((await log.read()).get('w.jsonl')).toEqual([1, 2]);
  expect((await log.read()).get('w.jsonl')).toEqual([1, 2]);
});

test('lines that stand across two pieces of what is read at a time are read as they stand, and one far longer is passed over', async () => {
  const folder = join(out, 'across');
  const lines = Array.from({ length: 30_000 }, (_, nth) => `${nth} ${'x'.repeat(nth % 700)}`);
  const isText = (value: unknown): value is string => typeof value === 'string';
  await write(join(folder, 'w.jsonl'), [...lines, 'y'.repeat(20_000_000), 'after']);
  const read = (await new GrowingLog(folder, isText).read()).get('w.jsonl');
  expect(read?.length).toBe(lines.length + 1);
  expect(read?.slice(0, -1)).toEqual(lines);
  expect(read?.at(-1)).toBe('after');
});

test('a file of notes with 200,000 lines is read whole', async () => {
  const folder = join(out, 'large');
  await write(
    join(folder, 'w.jsonl'),
    Array.from({ length: 200_000 }, (_, nth) => nth),
  );
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  const lines = (await new GrowingLog(folder, isNumber).read()).get('w.jsonl');
  expect(lines).toHaveLength(200_000);
});

test('what somebody else noted says nothing: no failure, none that is void, and no faults', async () => {
  const other = '01a21c69-9271-7891-a85c-000000000002';
  const log = new FailureLog('w', testSeal);
  await log.append(out, other, 'thumbs', '00000', [failure]);
  const stranger = new FailureLog('stranger', new Seal(Buffer.alloc(32, 'theirs')));
  await stranger.append(out, other, 'thumbs', '00000', [{ ...failure, key: '8' }]);
  await stranger.appendVoided(out, other, 'thumbs', '00000', [{ key: failure.key, voided: 99 }]);
  await stranger.appendFaults(out, other, 'thumbs', '00000', [{ key: '9', faults: 99 }]);
  const keys: string[] = [];
  for await (const { key } of log.readFailures(out, other)) keys.push(key);
  expect(keys).toEqual([failure.key]);
  expect(await log.readFaults(out, other, 'thumbs', '00000')).toEqual(new Map());
});
