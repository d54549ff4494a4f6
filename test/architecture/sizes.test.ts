import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { files, root, texts } from './import-graph.ts';

/** Made by tools, and by no hand. */
const MADE = /^(node_modules|dist|results|__pycache__)$/;

/** Each folder below one of the project's, with the names of the files that lie directly in it. */
function foldersBelow(folder: string): [string, string[]][] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const here = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const below = entries.filter((entry) => entry.isDirectory() && !MADE.test(entry.name));
  return [[folder, here], ...below.flatMap(({ name }) => foldersBelow(`${folder}/${name}`))];
}

const folders = ['src', 'test', 'bench', 'assembly', 'tools', 'docs'].flatMap(foldersBelow);

test('a folder holds at most 14 files', () => {
  expect(folders.filter(([, names]) => names.length > 14).map(([folder]) => folder)).toEqual([]);
});

test('a file of the sources has at most 400 lines', () => {
  const long = files.filter((name) => (texts.get(name) ?? '').split('\n').length > 400);
  expect(long).toEqual([]);
});

test('files are named for what they are, and no drawer is among them', () => {
  const drawer = /(^|\/)(utils?|helpers?|lib|common|misc)(\/|\.ts$|$)/;
  expect(files.filter((name) => drawer.test(name))).toEqual([]);
  expect(folders.map(([folder]) => folder).filter((name) => drawer.test(name))).toEqual([]);
  expect(files.filter((name) => !/^[a-z0-9/-]+\.ts$/.test(name))).toEqual([]);
});
