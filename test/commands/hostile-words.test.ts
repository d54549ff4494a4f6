import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sayCrash, sayWarning } from '../../src/commands/run-command-line.ts';
import { beyondPrintable } from '../support/hostile-text.ts';
import { giveInProcess } from '../support/in-process.ts';

/** Clears the screen, writes into the clipboard, forges a line, turns the text around. */
const EVIL = '\u001b[2J\u001b]52;c;eA==\u0007\u009b31m\r\ncomplete\u2028\u202e';
const QUOTED = '\\x1b[2J\\x1b]52;c;eA==\\x07\\x9b31m\\r\\ncomplete\\u2028\\u202e';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-words-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function ffhq(argv: readonly string[], env: Record<string, string> = {}, cwd = folder) {
  const folders = { XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
  const { exitCode, stdout, stderr } = await giveInProcess(argv, { env: { ...folders, ...env }, cwd });
  expect(stdout).not.toMatch(beyondPrintable);
  expect(stderr).not.toMatch(beyondPrintable);
  return { exitCode, stdout, stderr };
}

test('a report that somebody else wrote is printed as text, and its JSON as JSON', async () => {
  await mkdir(join(folder, '.ffhq'));
  await writeFile(join(folder, '.ffhq/report.txt'), `run x${EVIL}: done\n`);
  await writeFile(join(folder, '.ffhq/report.json'), JSON.stringify({ run: EVIL }));
  const text = await ffhq(['report', '--out', folder]);
  expect(text.stdout.split('\n')[0]).toBe('run x\\x1b[2J\\x1b]52;c;eA==\\x07\\x9b31m\\r');
  const json = await ffhq(['report', '--out', folder, '--output', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ report: { run: EVIL } });
  await writeFile(join(folder, '.ffhq/report.json'), `{${EVIL}`);
  expect((await ffhq(['report', '--out', folder, '--output', 'json'])).exitCode).toBe(1);
});

test('words of the command line, settings and folder names are quoted where they are refused', async () => {
  expect((await ffhq([`--imag${EVIL}`])).stderr).toContain(`unknown option '--imag${QUOTED}'`);
  expect((await ffhq(['--imags'])).stderr.split('\n')[1]).toBe('(Did you mean --images?)');
  const setting = await ffhq(['--images'], { FFHQ_LOG_LEVEL: EVIL, FFHQ_SERVER_PORT: EVIL });
  expect(setting.stderr).toContain(`got ${QUOTED}`);
  // Each problem has a line of its own.
  expect(setting.stderr.trimEnd().split('\n')).toHaveLength(2);
  const npm = { npm_lifecycle_event: 'start', npm_config_out: EVIL, npm_config_images: 'true' };
  const swallowed = await ffhq(['run'], npm);
  expect(swallowed.stderr).toContain(`--out=${QUOTED}`);
  expect(swallowed.stderr.trimEnd().split('\n')).toHaveLength(2);
  const place = join(folder, `a${EVIL.replaceAll('/', '')}`);
  await mkdir(place);
  expect((await ffhq(['status', '--out', place])).stderr).toContain(QUOTED);
  expect((await ffhq(['report'], {}, place)).stderr).toContain(QUOTED);
});

test('where the syntax of temporal.toml is wrong, its place is told and nothing of its text', async () => {
  const file = join(folder, 'temporal.toml');
  await writeFile(file, `a = = ${EVIL}\n`);
  const { stderr } = await ffhq(['list'], { TEMPORAL_CONFIG_FILE: file });
  expect(stderr).toMatch(/line=1, column=5\]: expected TOML, got something else\n$/);
});

test('a member of a manifest that is refused is named without being obeyed', async () => {
  const manifest = join(folder, 'manifest.json');
  for (const text of [`{${JSON.stringify(EVIL)}: {}}`, `{"0": ${JSON.stringify({ category: EVIL })}}`]) {
    await writeFile(manifest, text.replaceAll('\\u001b', '\u001b'));
    const words = ['--images', '--manifest', manifest, '--dry-run', '--out', join(folder, 'out')];
    expect((await ffhq(words)).exitCode).toBe(2);
    expect((await ffhq([...words, '--output', 'json'])).exitCode).toBe(2);
    await writeFile(manifest, text);
    expect((await ffhq(words)).exitCode).toBe(2);
  }
});

test('--stats counts what a manifest says of countries and licences, and obeys none of it', async () => {
  const record = (country: string) => ({ category: 'training', metadata: { license: EVIL, country } });
  const printable = 'Côte d’Ivoire \\x1b[2J 日本 עברית 🇫🇷 a\u0301';
  await writeFile(
    join(folder, 'ffhq-dataset-v2.json'),
    JSON.stringify({ 0: record(EVIL), 1: record(printable), 2: record(printable) }),
  );
  const { stdout: text } = await ffhq(['stats', '--out', folder]);
  const rows = text.split('\n').map((row) => row.split(/ {2,}/).map((cell) => cell.trimEnd()));
  expect(rows).toContainEqual([QUOTED, '3', '100.00', '']);
  expect(rows).toContainEqual([QUOTED, '1', '33.33', '33.33', '']);
  expect(rows).toContainEqual([printable, '2', '66.67', '66.67', '']);
});

test('what nobody caught, and what Node.js warns of, is quoted too', () => {
  let text = '';
  const stderr = { write: (more: string) => (text += more) };
  const error = new Error(`open ${EVIL}`, { cause: new Error(EVIL) });
  sayCrash(stderr, error);
  sayCrash(stderr, EVIL);
  sayWarning(stderr, new Error(EVIL));
  expect(text).not.toMatch(beyondPrintable);
  const lines = text.split('\n');
  expect(lines.slice(0, 3)).toEqual([
    `ffhq: open ${QUOTED}`,
    `  because: ${QUOTED}`,
    expect.stringMatching(/^ {4}at /),
  ]);
  expect(lines.slice(-3)).toEqual([`ffhq: ${QUOTED}`, `ffhq: Error: ${QUOTED}`, '']);
});
