import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { atFile, holdFolder, inFolder } from '../../../src/activities/folders/held-folder.ts';
import { removeTree } from '../../../src/activities/folders/remove-tree.ts';
import { AppendLog } from '../../../src/activities/records/append-log.ts';
import { FileFolders } from '../../../src/activities/settle/file-folders.ts';
import { writeFileAtomically } from '../../../src/activities/store/atomic-file.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';

let root: string;
let store: string;
let elsewhere: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-held-'));
  store = join(root, 'store');
  elsewhere = join(root, 'elsewhere');
  await mkdir(join(store, '.ffhq'), { recursive: true });
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'precious'), 'precious');
});
afterEach(() => rm(root, { recursive: true }));

async function expectUntouched(): Promise<void> {
  expect(await readdir(elsewhere)).toEqual(['precious']);
  expect(await readFile(join(elsewhere, 'precious'), 'utf8')).toBe('precious');
}

const spec = (path: string): FileSpec => ({ kind: 'images', key: '1', url: '', path });

/** Another process that goes on putting a link in a folder's place, and the folder back. */
async function swapping(folder: string, target: string): Promise<ChildProcess> {
  const [aside, planted] = [`${folder}.aside`, `${folder}.planted`];
  const code = `
    const fs = require('node:fs');
    const [folder, aside, planted, target] = ${JSON.stringify([folder, aside, planted, target])};
    const attempt = (work) => { try { work(); } catch {} };
    process.stdout.write('.');
    for (;;) {
      attempt(() => fs.symlinkSync(target, planted));
      attempt(() => { fs.renameSync(folder, aside); fs.renameSync(planted, folder); });
      attempt(() => fs.lstatSync(folder).isSymbolicLink() && fs.unlinkSync(folder));
      attempt(() => fs.renameSync(aside, folder));
    }`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

test('what is done in a folder that is held is done there, whatever comes to lie at its path', async () => {
  const folders = new FileFolders(store);
  const folder = await folders.of(spec('images/00000/1.png'));
  await rename(join(store, 'images'), join(store, 'moved'));
  await symlink(elsewhere, join(store, 'images'));
  await mkdir(join(elsewhere, '00000'));
  await writeFile(join(folder.path, '1.png'), 'picture');
  await rm(join(folder.path, 'precious'), { force: true });
  expect(await readdir(join(elsewhere, '00000'))).toEqual([]);
  expect(await readFile(join(store, 'moved/00000/1.png'), 'utf8')).toBe('picture');
  await folders.release();
});

test('what fails in a folder that is held is told by its name', async () => {
  const failing = atFile(join(store, '.ffhq/nothing'), (path) => readFile(path));
  await expect(failing).rejects.toThrow(join(store, '.ffhq/nothing'));
  const told = await failing.catch((error: NodeJS.ErrnoException) => error.path);
  expect(told).toBe(join(store, '.ffhq/nothing'));
});

test('a link below the state folder leads nowhere, though a name like the state folder`s comes behind it', async () => {
  await symlink(elsewhere, join(store, '.ffhq/failures'));
  const path = join(store, '.ffhq/failures/.ffhq/images/w1.jsonl');
  await expect(atFile(path, (file) => writeFile(file, 'x'), 'made')).rejects.toThrow(/unsafe|symbolic link/);
  await expectUntouched();
});

test('folders that are released leave no descriptor open', async () => {
  const open = async () => (await readdir('/proc/self/fd')).length;
  await inFolder(store, 'a/b/c', async () => {}, 'made');
  const before = await open();
  for (let nth = 0; nth < 50; nth++) {
    await inFolder(store, 'a/b/c', async () => {});
    await holdFolder(store, 'a/b/c/nothing').catch(() => {});
    await holdFolder(store, '../elsewhere').catch(() => {});
  }
  expect(await open()).toBeLessThanOrEqual(before + 1);
});

test('a tree is removed whole, and of a link in it the link', async () => {
  const tree = join(store, 'tree');
  await mkdir(join(tree, 'a/b'), { recursive: true });
  await writeFile(join(tree, 'a/b/file'), '');
  await symlink(elsewhere, join(tree, 'a/link'));
  await removeTree(tree);
  await removeTree(tree);
  expect(await readdir(store)).toEqual(['.ffhq']);
  await expectUntouched();
});

test('while a folder is swapped for a link again and again, nothing behind the link is removed', async () => {
  const names = Array.from({ length: 40 }, (_, nth) => `file-${nth}`).sort();
  const fill = async (folder: string) => {
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(join(folder, name), '');
  };
  const alike = join(root, 'alike');
  await fill(alike);
  const child = await swapping(join(store, 'tree/a'), alike);
  try {
    const until = Date.now() + 3_000;
    for (let round = 0; Date.now() < until; round++) {
      await fill(join(store, `next-${round}/a`));
      await rename(join(store, `next-${round}`), join(store, 'tree'));
      await removeTree(join(store, 'tree')).catch(() => {});
      await rename(join(store, 'tree'), join(store, `left-${round}`)).catch(() => {});
    }
  } finally {
    await ended(child);
  }
  expect((await readdir(alike)).sort()).toEqual(names);
}, 60_000);

test('while a folder is swapped for a link again and again, nothing is written behind the link', async () => {
  const group = join(store, '.ffhq/verified/thumbs');
  await mkdir(join(group, '00000'), { recursive: true });
  const child = await swapping(group, elsewhere);
  try {
    const log = new AppendLog<{ round: number }>('w');
    const until = Date.now() + 1_500;
    for (let round = 0; Date.now() < until; round++) {
      await Promise.allSettled([
        log.append(join(group, '00000'), [{ round }]),
        writeFileAtomically(join(group, 'card.json'), '{}'),
        ...Array.from({ length: 20 }, () => writeFileAtomically(join(group, 'more.json'), '{}')),
      ]);
    }
  } finally {
    await ended(child);
  }
  await expectUntouched();
}, 60_000);

/** Names that lead elsewhere, and some that only look so. */
const component = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'elsewhere',
    'store',
    '.ffhq',
    'a',
    '...',
    '~',
    '..%2f',
    '\\..',
    '..\0',
    '-rf',
  ),
  fc.string({ maxLength: 12 }),
);
const relative = fc
  .array(component, { minLength: 1, maxLength: 6 })
  .map((components) => components.join('/'));

test('no relative path makes, writes or removes anything outside of the store', async () => {
  await fc.assert(
    fc.asyncProperty(relative, async (path) => {
      const folders = new FileFolders(store);
      await Promise.allSettled([
        inFolder(store, path, (folder) => writeFile(join(folder, 'precious'), 'x'), 'made'),
        atFile(join(store, '.ffhq', 'x'), (file) => writeFile(file, '')),
        folders.of(spec(path)).then((folder) => writeFile(join(folder.path, 'precious'), 'x')),
      ]);
      await folders.release();
      expect((await readdir(root)).sort()).toEqual(['elsewhere', 'store']);
      await expectUntouched();
    }),
    { numRuns: 150 },
  );
});

test('no path of a file of the dataset is one of the project`s own, but for the manifest that was just fetched', async () => {
  const folders = new FileFolders(store);
  for (const path of ['.ffhq/store.json', '.ffhq/manifest/current.json', '.ffhq/verified/x', ''])
    await expect(folders.of(spec(path))).rejects.toThrow('expected');
  await folders.of(spec('.ffhq/manifest/incoming.json'));
  await folders.release();
});
