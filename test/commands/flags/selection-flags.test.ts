import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addSelectionFlags,
  readWanted,
  selectionWarnings,
  type Wanted,
} from '../../../src/commands/flags/selection/selection-flags.ts';
import { authorKey } from '../../../src/domain/selection/author-key.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-test-selection-'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(...argv: string[]): Wanted {
  const command = addSelectionFlags(new Command()).exitOverride();
  return readWanted(command.parse(argv, { from: 'user' }).opts(), { given: folder, project: '/project' });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

test('plain ids stay what they were: ranges in the request, whatever lies in the folder', () => {
  file('0-999', '5');
  expect(read('--ids', '0-999, 5000')).toEqual({ ids: '0-999,5000', selection: undefined });
  expect(read()).toEqual({ ids: undefined, selection: undefined });
});

test('ids of a file may come in any order, with remarks, or as a selection.json; long ones travel by digest', () => {
  expect(read('--ids', file('a.txt', '# of a paper\r\n7, 3\n5-6 3\n')).ids).toBe('3,5-7');
  expect(read('--ids', file('selection.json', '{"words":"x","ids":"1,4-5"}')).ids).toBe('1,4-5');
  const odd = Array.from({ length: 2_000 }, (_, nth) => 2 * nth + 1).join('\n');
  const { ids, selection } = read('--ids', file('odd.txt', odd));
  expect(ids).toBeUndefined();
  expect(selection?.ids?.startsWith('1,3,5,')).toBe(true);
});

test('a file of ids takes time by its length, and not by how many records its ranges hold', () => {
  const ranges = file('again.txt', '0-69999\n'.repeat(200_000));
  expect(read('--ids', ranges).ids).toBe('0-69999');
}, 20_000);

test('only what allows commercial use, also of the licences that are named', () => {
  const commercial = ['by', 'pdm', 'cc0', 'us-gov'];
  expect(read('--only-commercial').selection).toEqual({ underLicenses: commercial });
  expect(read('--license', 'by-nc,cc0,by', '--only-commercial').selection).toEqual({
    underLicenses: ['by', 'cc0'],
  });
  expect(() => read('--license', 'by-nc', '--only-commercial')).toThrow(
    /\[--only-commercial\]: expected one of by, pdm, cc0, us-gov among --license, got by-nc/,
  );
});

test('every part that is given is asked for, and no name of an author is kept', () => {
  const authors = file(
    'authors.txt',
    'https://www.flickr.com/photos/12345678@N00/42/\nZoë Quintessa\nzoë quintessa\n',
  );
  const { ids, selection } = read(
    ...['--ids', '0-9', '--category', 'validation,training', '--split', 'diffae:test', '--license', 'CC0,by'],
    ...['--country', 'Spain,unknown', '--author-from', authors, '--pick', '5', '--limit', '3'],
  );
  expect(ids).toBeUndefined();
  expect(selection).toEqual({
    ids: '0-9',
    categories: ['training', 'validation'],
    splits: ['diffae:test'],
    underLicenses: ['by', 'cc0'],
    countries: ['', 'spain'],
    authors: [authorKey('12345678@n00'), authorKey('Zoë Quintessa')].sort(),
    ...{ pick: 5, seed: 0, limit: 3 },
  });
});

test.each<[string[], RegExp]>([
  [['--category', 'test'], /\[--category\]: expected some of training, validation, got test/],
  [['--split', 'nvidia:test'], /\[--split\]: expected some of .*nvidia:training.*, got nvidia:test/],
  [['--license', 'by,mit'], /\[--license\]: expected some of by, by-nc, pdm, cc0, us-gov, got mit/],
  [['--country', 'Spain,'], /\[--country\]: expected countries apart by commas/],
  [['--country', 'Sp\u202eain'], /\[--country\]: expected countries apart by commas/],
  [
    ['--author-from', 'none.txt'],
    /\[--author-from\]: expected a file that can be read, got .*none.txt \(ENOENT\)/,
  ],
  [['--author-from', 'pipe'], /\[--author-from\]: expected a file, got .*pipe, which is none/],
  [['--author-from', '.'], /\[--author-from\]: expected a file, got .*which is none/],
  [['--pick', '0'], /\[--pick\]: expected a whole number from 1/],
  [['--seed', '1'], /\[--seed\]: expected with --pick/],
  [['--ids', 'none.txt'], /\[--ids\]/],
])('%j is refused by its flag', (argv, message) => {
  expect(() => read(...argv)).toThrow(message);
});

test('an empty list of authors, and a list of ids with something else in it, are refused', () => {
  expect(() => read('--author-from', file('empty.txt', '# nobody\n'))).toThrow(/got 0 in/);
  // Of a file that was named by mistake nothing is repeated: it may hold a secret.
  expect(() => read('--ids', file('words.txt', '1\nSID=hunter2\n'))).toThrow(
    /\[--ids\]: .*words.txt: expected ids or ranges such as 0-999,5000, got something else$/,
  );
});

test('who goes by a split that contradicts NVIDIA’s own is told so', () => {
  expect(selectionWarnings(read('--split', 'nvidia:training'))).toEqual([]);
  expect(selectionWarnings(read('--split', 'diffae:test', '--category', 'validation'))).toEqual([
    expect.stringMatching(/^--split diffae:test keeps back records that NVIDIA's own split trains on/),
    expect.stringMatching(/^--category validation goes by NVIDIA's own split/),
  ]);
});
