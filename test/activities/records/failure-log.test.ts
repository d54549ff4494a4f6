import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFailures } from '../../../src/activities/records/failure-log.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { FileFailure } from '../../../src/domain/failure/file-failure.ts';
import { reportedFailure } from '../../../src/domain/words/report.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-failures-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a note that somebody else left ends no report: what is no note is left out, what has an unknown reason is listed', async () => {
  const note = {
    ...{ kind: 'images', key: '7', path: 'images1024x1024/00000/00007.png', outcome: 'corrupt' },
    ...{ reason: 'wrong-md5', detail: 'got another', attempts: 1 },
  };
  const unknown = { ...note, key: '8', reason: '__proto__' };
  const notes = [
    note,
    unknown,
    { ...note, key: '9', detail: { toString: 1 } },
    { ...note, key: '10', attempts: ['\u001b'] },
    { ...note, key: '11', path: null },
    'text',
  ];
  const path = join(folder, statePaths.failures('run', 'images', '00000'), 'somebody.jsonl');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, notes.map((one) => `\n${JSON.stringify(one)}\n`).join(''));
  const read: FileFailure[] = [];
  for await (const failure of readFailures(folder, 'run')) read.push(failure);
  expect(read).toEqual([note, unknown]);
  expect(read.map((failure) => reportedFailure(failure).whatToDo)).toEqual([
    expect.not.stringContaining('does not know this reason'),
    'this version does not know this reason: start the run again',
  ]);
});
