import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Fault {
  readonly fault: string;
  readonly sees: string;
  readonly lost: string;
  readonly title: string;
  readonly file: string;
}

/** Rows of the table of faults: `| fault | what a user sees | what is lost | [title of the test](file) |`. */
function faults(): Fault[] {
  const text = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
  return [...text.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \| \[(.+)\]\(\.\.\/(test\/[^)]+)\) \|$/gm)].map(
    ([, fault = '', sees = '', lost = '', title = '', file = '']) => ({ fault, sees, lost, title, file }),
  );
}

test('every fault of docs/reliability.md is shown by a test of that name, in that file', () => {
  const wrong = faults().filter(({ title, file }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
  });
  expect(wrong.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
});

test('the table of faults has at least forty kinds, each once, each with what is seen and what is lost', () => {
  const rows = faults();
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ fault }) => fault)).size).toBe(rows.length);
  // Every line of the table was read as a row: head and rule are the other two.
  const text = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
  const table = text.slice(text.indexOf('| fault |'));
  const lines = table.slice(0, table.indexOf('\n\n')).trimEnd().split('\n');
  expect(lines.length).toBe(rows.length + 2);
});
