import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import { giveInProcess } from '../../support/in-process.ts';

const run = '01234567-89ab-cdef-0123-456789abcdef';
let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-report-'));
  out = join(folder, 'out');
  await mkdir(out);
  await ensureStore(out);
});
afterEach(() => rm(folder, { recursive: true }));

function ffhq(...argv: readonly string[]) {
  const env = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
  return giveInProcess(argv, { env, cwd: folder });
}

async function leaveReport(members: object = {}): Promise<void> {
  const head = {
    ...{
      workflowId: 'ffhq-x',
      run,
      status: 'complete with failures',
      finishedAt: '2026-06-01T00:00:00.000Z',
    },
    ...{ out, request: { kinds: ['thumbs'] }, records: 5, manifestMd5: '0'.repeat(32) },
    kinds: { thumbs: { ...emptyTally, files: 5, doneFiles: 4, failedFiles: 1 } },
    ...members,
  };
  const failure = {
    ...{ kind: 'thumbs', key: '1', path: 'thumbnails128x128/00000/00001.png', outcome: 'missing' },
    ...{ reason: 'missing', detail: '404', attempts: 1, whatToDo: 'give another source' },
  };
  const text = `${JSON.stringify(head).slice(0, -1)},"failures":[\n${JSON.stringify(failure)}\n]}\n`;
  await writeFile(join(out, '.ffhq/report.json'), text);
  await writeFile(join(out, '.ffhq/report.txt'), 'run ffhq-x: complete with failures\n');
}

test('a page is made of what a run left, with its course, and takes the place of the last one', async () => {
  await leaveReport();
  await mkdir(join(out, '.ffhq/timeline', run), { recursive: true });
  const point = {
    at: '2026-06-01T00:00:00.000Z',
    ms: 5,
    kinds: { thumbs: { files: 4, bytes: 9, failed: 1 } },
  };
  await writeFile(join(out, '.ffhq/timeline', run, 'w.jsonl'), `${JSON.stringify(point)}\n`);
  for (let times = 0; times < 2; times++) {
    const { exitCode, stdout } = await ffhq('report', '--format', 'html', '--out', out);
    expect(stdout).toContain(`page: ${join(out, '.ffhq/report.html')}`);
    expect(exitCode).toBe(0);
  }
  const page = await readFile(join(out, '.ffhq/report.html'), 'utf8');
  for (const words of ['ffhq-x', 'Files a second', 'give another source', '00001.png'])
    expect(page).toContain(words);
  expect(page).not.toContain('<script');
});

test('the page goes where it is told, and nowhere in the place of something else', async () => {
  await leaveReport();
  const to = join(folder, 'page.html');
  const give = () => ffhq('report', '--format', 'html', '--to', 'page.html', '--out', out);
  expect((await give()).exitCode).toBe(0);
  expect((await give()).exitCode).toBe(0);
  await writeFile(to, 'a letter');
  const { exitCode, stderr } = await give();
  expect([exitCode, await readFile(to, 'utf8')]).toEqual([2, 'a letter']);
  expect(stderr).toContain(`document [path=${to}]: expected none, or one of this command`);
  await rm(to);
  await symlink(join(folder, 'elsewhere'), to);
  expect((await give()).exitCode).not.toBe(0);
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
});

test('flags that say nothing together are refused', async () => {
  await leaveReport();
  const refused = [
    ['--to', 'x.html'],
    ['--contact-sheet', '5'],
    ['--port', '5000'],
    ['--format', 'pdf'],
    ['--format', 'html', '--contact-sheet', '5000'],
    ['--format', 'html', '--watch', '--to', 'x.html'],
    ['--present'],
    ['--split', 'validation'],
  ];
  for (const flags of refused)
    expect((await ffhq('report', '--out', out, ...flags)).exitCode, flags.join(' ')).toBe(2);
});

test('without a report, or with one that this program did not write, no page is made', async () => {
  const give = () => ffhq('report', '--format', 'html', '--out', out);
  expect((await give()).stderr).toContain('expected the report of a finished run, got none');
  for (const text of ['{}', '<html>', '{"workflowId":5,"failures":[\n]}\n']) {
    await writeFile(join(out, '.ffhq/report.json'), text);
    const { exitCode, stderr } = await give();
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('expected one as this version writes it'),
    ]);
  }
  await leaveReport({
    run: '../../..',
    kinds: {},
    versions: ['x'],
    foreign: 7,
    selection: [],
    request: null,
  });
  expect((await give()).exitCode).toBe(0);
});

test('it is printed in each form', async () => {
  await leaveReport();
  expect((await ffhq('report', '--out', out)).stdout).toBe('run ffhq-x: complete with failures\n');
  for (const flags of [
    ['--format', 'json', '--output', 'json'],
    ['--output', 'json'],
  ]) {
    const { stdout } = await ffhq('report', '--out', out, ...flags);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'report', report: { workflowId: 'ffhq-x' } });
  }
});
