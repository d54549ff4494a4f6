import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReportFiles } from '../../../src/activities/report/report-files.ts';
import type { FileFailure } from '../../../src/domain/failure/file-failure.ts';
import { type ReportHead, reportedFailure } from '../../../src/domain/words/report.ts';
import { beyondPrintable, hostileText } from '../../support/hostile-text.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-report-'));
  await mkdir(join(folder, '.ffhq'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(head: ReportHead, failures: readonly FileFailure[]) {
  const report = await ReportFiles.begin(folder);
  await report.head(head);
  for (const failure of failures) await report.failure(reportedFailure(failure));
  await report.replace();
  const read = (name: string) => readFile(join(folder, '.ffhq', name), 'utf8');
  return { text: await read('report.txt'), json: await read('report.json') };
}

function headWith(text: string, foreign: readonly string[]): ReportHead {
  return {
    ...{ workflowId: text, run: text, status: 'complete with failures', finishedAt: '', out: text },
    request: {
      ...{ kinds: ['images'], manifest: { name: 'other', location: text }, license: { name: 'official' } },
      ...{ source: { name: 'google-drive' }, allowedHosts: [text], trust: 'records', fetch: 'missing' },
      numAttempts: 1,
    },
    ...{ records: 1, manifestMd5: text, kinds: {}, foreign: { count: foreign.length, first: foreign } },
  };
}

function failureWith(text: string): FileFailure {
  return {
    ...{ kind: 'images', key: text, path: text, outcome: 'corrupt', reason: 'wrong-md5' },
    ...{ detail: text, attempts: 2 },
  };
}

test('a file named like a line of the report makes no line of it', async () => {
  const name = 'images1024x1024/a\ncomplete: all files verified\r\u001b[2J\u202e';
  const { text, json } = await write(headWith('/out', [name]), [failureWith(name)]);
  expect(text).not.toMatch(/^complete/m);
  expect(text).toContain('images1024x1024/a\\ncomplete: all files verified\\r\\x1b[2J\\u202e\n');
  expect(json).toContain('\\u202e');
  expect(JSON.parse(json)).toMatchObject({
    foreign: { first: [name] },
    failures: [{ path: name, detail: name }],
  });
});

test('whatever names and details hold, the report is printable, with the lines that we made', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, fc.array(hostileText, { maxLength: 3 }), async (text, foreign) => {
      const failures = [failureWith(text), ...foreign.map(failureWith)];
      const written = await write(headWith(text, foreign), failures);
      expect(written.text).not.toMatch(beyondPrintable);
      expect(written.json).not.toMatch(beyondPrintable);
      const head = foreign.length > 0 ? 5 + foreign.length : 3;
      expect(written.text.split('\n')).toHaveLength(head + 1 + failures.length + 1);
      expect(JSON.parse(written.json)).toMatchObject(
        JSON.parse(JSON.stringify({ workflowId: text, failures: failures.map(({ path }) => ({ path })) })),
      );
    }),
    { numRuns: 50 },
  );
});

test('a report that is not finished leaves the last one as it was', async () => {
  const { text } = await write(headWith('/out', []), []);
  const report = await ReportFiles.begin(folder);
  await report.head(headWith('/other', []));
  await report.discard();
  expect(await readFile(join(folder, '.ffhq/report.txt'), 'utf8')).toBe(text);
  expect((await readdir(join(folder, '.ffhq'))).sort()).toEqual(['report.json', 'report.txt']);
});
