import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readReport } from '../../../src/activities/report/read-report.ts';
import { programVersion } from '../../../src/activities/report/versions.ts';
import type { RunFacts } from '../../../src/domain/page/run-facts.ts';
import { runPage } from '../../../src/domain/page/run-page.ts';

const { signal } = new AbortController();

async function fileOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-test-report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'report.json'), text);
  return join(folder, 'report.json');
}

test('of 210,014 files that all failed each is counted, and the page of it has less than 2 MB', async () => {
  const line = JSON.stringify({
    ...{ kind: 'images', key: '7', path: 'images1024x1024/7.png', outcome: 'unavailable' },
    ...{ reason: 'short-body', detail: 'x'.repeat(300), attempts: 10, whatToDo: 'start the run again' },
  });
  const head = '{"workflowId":"w","status":"complete with failures","failures":[';
  const path = await fileOf(`${head}${`\n${line},`.repeat(210_013)}\n${line}\n]}\n`);
  const read = await readReport(path, signal);
  expect(read?.head).toEqual({ workflowId: 'w', status: 'complete with failures' });
  expect(read?.failures.count).toBe(210_014);
  expect(read?.failures.groups).toMatchObject([
    { reason: 'short-body', count: 210_014, retries: 9 * 210_014 },
  ]);
  const facts: RunFacts = {
    ...{ version: programVersion, madeAt: '', out: '', workflowId: 'w', status: 'x', kinds: {}, asked: {} },
    ...{
      versions: [],
      timeline: [],
      faces: [],
      failures: read?.failures ?? { count: 0, groups: [], first: [] },
    },
  };
  expect(Buffer.byteLength(runPage(facts))).toBeLessThan(2_000_000);
});

test('a report without failures, and a line of it that is none', async () => {
  const none = { count: 0, groups: [], first: [] };
  const empty = await readReport(await fileOf('{"a":1,"failures":[\n]}\n'), signal);
  expect(empty).toEqual({ head: { a: 1 }, failures: none });
  const odd = await readReport(await fileOf('{"a":1,"failures":[\n7,\n<b>,\n{"attempts":"x"}\n]}\n'), signal);
  expect(odd?.failures).toMatchObject({ count: 1, first: [{ path: '', attempts: 1 }] });
});

test('what this program does not write is no report', async () => {
  for (const text of ['', '[]', '<html>', '\n{}', ' '.repeat(6 * 1024 ** 2)])
    expect(await readReport(await fileOf(text), signal), text.slice(0, 9)).toBeUndefined();
});
