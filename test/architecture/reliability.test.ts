import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/reliability.md'), 'utf8');

interface Fault {
  readonly fault: string;
  readonly title: string;
  readonly file: string;
}

/** Rows of the tables of faults: `| fault | what a user sees | what is lost | [title of the test](file) |`. */
const faults: readonly Fault[] = [
  ...text.matchAll(/^\| (.+?) \| .+? \| .+? \| \[(.+)\]\(\.\.\/(test\/[^)]+)\) \|$/gm),
].map(([, fault = '', title = '', file = '']) => ({ fault, title, file }));

/** The strings of a file, as patterns: what a test puts into its title may be anything. */
function titlesIn(file: string): RegExp[] {
  const literals = readFileSync(join(root, file), 'utf8').matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g);
  return [...literals].flatMap(([, , raw = '']) => {
    const parts = raw.replaceAll(/\\(.)/g, '$1').split(/%s|\$\{[^}]*\}/);
    // A title that is hardly more than its placeholders would match anything.
    if (parts.join('').length < 12) return [];
    return [
      new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`),
    ];
  });
}

test('every fault of docs/reliability.md is shown by a test of that name, in that file', () => {
  const wrong = faults.filter(
    ({ title, file }) =>
      !existsSync(join(root, file)) || !titlesIn(file).some((pattern) => pattern.test(title)),
  );
  expect(wrong.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
});

test('the tables of faults have at least forty kinds, each once, and every line of them was read', () => {
  expect(faults.length).toBeGreaterThanOrEqual(40);
  expect(new Set(faults.map(({ fault }) => fault)).size).toBe(faults.length);
  const tables = text.split('\n').filter((line) => /^\| .*\]\(\.\.\/test\//.test(line));
  expect(tables.length).toBe(faults.length);
});
