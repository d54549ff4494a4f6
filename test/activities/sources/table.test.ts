import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  asksFileUrls,
  chain,
  definitionOf,
  describeSource,
  sourceDefinitions,
} from '../../../src/activities/sources/index.ts';
import type { SourceRequest } from '../../../src/domain/run/request.ts';
import { type SetUp, sourceContract } from './source-contract.ts';

const src = fileURLToPath(new URL('../../../src/', import.meta.url));
const names = sourceDefinitions.map(({ name }) => name);

// A source without a subject to test fails here.
for (const name of [...names, chain.name]) {
  const { setUp } = (await import(`./${name}/subject.ts`)) as { readonly setUp: SetUp };
  sourceContract(name, setUp);
}

describe('the table of sources', () => {
  test('is the one place that knows them by name, beside their own folders', () => {
    // Not as a part of another word, nor as the end of a file's name: a source may be called `s3`, `file` or `zip`.
    const named = new RegExp(`(?<![\\w.-])(${names.join('|')})(?![\\w-])`);
    const own = [/^activities\/sources\/index\.ts$/, /^(stand-in|sample)\//];
    // Forms of archives, which are spoken of where they are read, and where the server's executable is unpacked.
    own.push(/^(domain|activities\/sources)\/archive\//, /^server\/cli\//);
    for (const name of names) own.push(new RegExp(`^activities/sources/${name}/`));
    const knowing = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts') && !own.some((place) => place.test(file)))
      // Names of media types are nobody's here.
      .filter((file) => named.test(readFileSync(src + file, 'utf8').replaceAll('application/zip', '')));
    expect(knowing).toEqual([]);
  });

  test('has each name and each flag once', () => {
    expect(new Set(names).size).toBe(names.length);
    const flags = sourceDefinitions.flatMap((definition) => definition.flags.map(({ flag }) => flag));
    expect(new Set(flags).size).toBe(flags.length);
  });

  test('gives a request the name under which it is found again', () => {
    const values: Readonly<Record<string, string>> = {
      '--hf-repo': 'owner/name',
      '--hf-revision': '0123456789abcdef'.repeat(3).slice(0, 40),
      '--hf-layout': '{path}',
    };
    const url = 'https://x.example/';
    const given = {
      text: (flag: string) => values[flag] ?? 'x',
      texts: () => [url],
      url: () => new URL(url),
      folder: () => '/x',
      fetchedZips: () => [],
      places: () => ['/x'],
      time: () => undefined,
    };
    for (const { name, read } of sourceDefinitions) {
      expect(read({ ...given, refused: (flag, problem) => new Error(flag + problem) }).name).toBe(name);
    }
  });

  test('is read without loading what opens them: commands that only ask start quickly', () => {
    const loaded = [...loadedBy(`${src}activities/sources/index.ts`)].join('\n');
    expect(loaded).toContain('sources/http-mirror/request.ts');
    expect(loaded).not.toMatch(/undici|parse5|open\.ts|client\.ts/);
  });

  test.each([{ name: 'no-such\u001b[31m\nsource' }, { name: 5 }, {}, null, undefined, 'text'])(
    'says of a request that it cannot read (%j) what it is, and contacts nobody for it',
    (given) => {
      const request = given as unknown as SourceRequest;
      expect(() => definitionOf(request)).toThrow(/^source \[name=[^\p{C}]*\]: expected one of /u);
      expect(describeSource(request)).toMatch(/^source [^\p{C}]*$/u);
      expect(asksFileUrls(request)).toBe(false);
    },
  );
});

/** The files and packages that come along at once, as a file's import statements say. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith('.ts')) return seen;
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type\b)[^;]*?'([^']+)';$/gm)) {
    loadedBy(from.startsWith('.') ? resolve(dirname(file), from) : from, seen);
  }
  return seen;
}
