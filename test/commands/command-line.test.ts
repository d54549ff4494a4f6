import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { giveInProcess } from '../support/in-process.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

function ffhq(argv: string, env: Record<string, string> = {}, project = '/nowhere/project') {
  const folders = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
  const words = argv.split(' ').filter((word) => word !== '');
  return giveInProcess(words, { env: { ...folders, ...env }, cwd: folder, project });
}

test('an unknown flag is refused, with the one that was meant, in JSON too', async () => {
  const { exitCode, stdout, stderr } = await ffhq('--imags --output json');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--images');
  const event = JSON.parse(stdout) as object;
  expect(event).toMatchObject({ event: 'error', message: expect.stringContaining('--imags'), exitCode: 2 });
});

test('help names every exit code and ends with 0', async () => {
  const { exitCode, stdout } = await ffhq('--help');
  expect(exitCode).toBe(0);
  for (const code of [0, 1, 2, 3, 4, 5, 6, 130]) expect(stdout).toMatch(new RegExp(`^ +${code} {2}\\w`, 'm'));
});

test('help is grouped, fits the terminal, names no empty default, and ends with examples', async () => {
  for (const verb of ['run', 'start', 'verify']) {
    const { stdout } = await ffhq(`${verb} --help`);
    const headings = stdout.split('\n').filter((line) => /^\S.*:$/.test(line));
    expect(headings.slice(1)).toEqual([
      'Selection:',
      'Aligning:',
      'Where from:',
      'How fast:',
      'Network:',
      'Notices:',
      'Temporal:',
      'Display:',
      'Examples:',
    ]);
    expect(stdout).not.toMatch(/\(default: (""|\[\])\)/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }
});

test('hints are commands of the place where the program lies', async () => {
  const installed = await ffhq('', {}, '/usr/lib/node_modules/ffhq-temporal/');
  expect(installed.stderr).toContain('try: ffhq run --json --images');
  expect((await ffhq('')).stderr).toContain('try: npm start -- --json --images');
  expect((await ffhq('--help', {}, '/x/node_modules/y')).stdout).not.toContain('npm');
});

test('no task, a bad number and a bad setting are refused before anything is made', async () => {
  for (const [argv, env] of [
    ['', {}],
    ['--images --num-threads 0', {}],
    ['--images --status_delay never', {}],
    ['--images', { FFHQ_SERVER_PORT: 'x' }],
    ['start --images --chunk_size 0', {}],
  ] as const) {
    const { exitCode, stderr } = await ffhq(argv, env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('expected');
  }
  expect(await readdir(folder)).toEqual([]);
});

test('flags that npm swallowed are explained', async () => {
  const { exitCode, stderr } = await ffhq('', { npm_lifecycle_event: 'start', npm_config_sample: 'true' });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('npm start -- --sample');
});

test('a dry run without a manifest gives the known totals, says so, and leaves nothing behind', async () => {
  const { exitCode, stdout } = await ffhq('--json --thumbs --dry-run --reserve 0');
  expect(stdout.split('\n')[0]).toBe(`dataset folder: ${folder}`);
  expect(stdout).toMatch(/thumbs +70,000/);
  expect(stdout).toContain('known totals');
  expect([0, 2]).toContain(exitCode);
  expect(await readdir(folder)).toEqual([]);
});

test('a dry run refuses a manifest that cannot be read, and is not misled by one that the run would replace', async () => {
  const other = join(folder, 'ffhq-dataset-v2.json');
  await writeFile(other, '{"0": {"category": ');
  const refused = await ffhq(`--thumbs --dry-run --reserve 0 --manifest ${other}`);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('a file that ends in the middle');
  const { stdout } = await ffhq('--thumbs --dry-run --reserve 0');
  expect(stdout).toContain('known totals');
  expect(await readdir(folder)).toEqual(['ffhq-dataset-v2.json']);
});

test('an unreachable server has an exit code of its own, in JSON too', async () => {
  const { exitCode, stdout, stderr } = await ffhq('list --address 127.0.0.1:1 --output json');
  expect(exitCode).toBe(6);
  expect(stderr).toContain('127.0.0.1:1');
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(events.at(-1)).toMatchObject({ event: 'error', exitCode: 6 });
});

test('a state folder that cannot be one is named with the setting that names another', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const { exitCode, stderr } = await ffhq('list', { XDG_STATE_HOME: file });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(join(file, 'ffhq'));
  expect(stderr).toContain('XDG_STATE_HOME');
});

test('verbs that speak of a run say which folder has none', async () => {
  for (const verb of ['status', 'watch', 'pause', 'resume', 'cancel', 'report', 'verify']) {
    const { exitCode, stderr } = await ffhq(verb);
    expect([verb, exitCode]).toEqual([verb, 2]);
    expect(stderr).toContain(folder);
  }
});
