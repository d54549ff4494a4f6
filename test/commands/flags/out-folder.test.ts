import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseOut, folderOfCommand } from '../../../src/commands/flags/values/out-folder.ts';

let root: string;
let project: string;
let given: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'ffhq-out-')));
  project = join(root, 'project');
  given = join(root, 'given');
  await mkdir(project);
  await mkdir(given);
});

afterEach(() => rm(root, { recursive: true }));

test('under npm, the folder is the one in which the command was given', () => {
  expect(folderOfCommand(project, project, { INIT_CWD: given })).toBe(given);
});

test('a command started elsewhere was given there, whatever an npm above it says', () => {
  expect(folderOfCommand(given, project, { INIT_CWD: project })).toBe(given);
  expect(folderOfCommand(project, project, {})).toBe(project);
});

test('OUT is the folder of the command, or is seen from it', () => {
  expect(chooseOut(undefined, false, { given, project })).toBe(given);
  expect(chooseOut('faces', false, { given, project })).toBe(join(given, 'faces'));
});

test("the project's own folder is refused, by whatever name it goes", async () => {
  await symlink(project, join(root, 'link'));
  const inProject = { given: project, project };
  expect(() => chooseOut(undefined, false, inProject)).toThrow(/the project's own/);
  expect(() => chooseOut('.', true, inProject)).toThrow(/the project's own/);
  expect(() => chooseOut(join(root, 'link'), false, { given, project })).toThrow(/the project's own/);
  expect(chooseOut('faces', false, inProject)).toBe(join(project, 'faces'));
});

test('the sample has a folder of its own in the project, and lies where it is asked for elsewhere', () => {
  expect(chooseOut(undefined, true, { given: project, project })).toBe(join(project, 'ffhq-sample'));
  expect(chooseOut(undefined, true, { given, project })).toBe(given);
});
