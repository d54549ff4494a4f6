import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

interface Fault {
  readonly fault: string;
  readonly title: string;
  readonly file: string;
}

/** Rows of the tables of a page: `| fault | what a user sees | what is lost | [title of the test](file) |`. */
function faultsOf(page: string): readonly Fault[] {
  return [...page.matchAll(/^\| (.+?) \| .+? \| .+? \| \[(.+)\]\(\.\.\/(test\/[^)]+)\) \|$/gm)].map(
    ([, fault = '', title = '', file = '']) => ({ fault, title, file }),
  );
}

/** The strings of a file, as patterns: what a test puts into its title may be anything. */
function titlesIn(file: string): RegExp[] {
  const literals = read(file).matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g);
  return [...literals].flatMap(([, , raw = '']) => {
    const parts = raw.replaceAll(/\\(.)/g, '$1').split(/%s|\$\{[^}]*\}/);
    // A title that is hardly more than its placeholders would match anything.
    if (parts.join('').length < 12) return [];
    return [
      new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`),
    ];
  });
}

describe.each([
  ['docs/reliability.md', 40],
  ['docs/attacks.md', 100],
])('%s', (name, least) => {
  const page = read(name);
  const faults = faultsOf(page);

  test('has tests of those names, in those files, for every row', () => {
    const wrong = faults.filter(
      ({ title, file }) =>
        !existsSync(join(root, file)) || !titlesIn(file).some((pattern) => pattern.test(title)),
    );
    expect(wrong.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
  });

  test('has many rows, each once, and every line of its tables was read', () => {
    expect(faults.length).toBeGreaterThanOrEqual(least);
    expect(new Set(faults.map(({ fault }) => fault)).size).toBe(faults.length);
    const lines = page.split('\n').filter((line) => /^\| .*\]\(\.\.\/test\//.test(line));
    expect(lines.length).toBe(faults.length);
  });
});

test('the bounds that SECURITY.md names are those of the source', () => {
  const bounds = [...read('SECURITY.md').matchAll(/^\| .+ \| \[`(.+)`\]\((src\/[^)]+)\) \|$/gm)];
  expect(bounds.length).toBeGreaterThanOrEqual(20);
  const wrong = bounds.filter(([, code = '', file = '']) => !read(file).includes(code));
  expect(wrong.map(([, code, file]) => `${file}: ${code}`)).toEqual([]);
});
