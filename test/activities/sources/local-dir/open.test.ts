import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLocalDir } from '../../../../src/activities/sources/local-dir/open.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { outcomeOf } from '../reading.ts';

const localDir = (path: string) => makeLocalDir({ name: 'local-dir', path });

describe('local-dir reads regular files within its folder, and nothing else', () => {
  let root: string;
  let folder: string;
  const spec = (path: string): FileSpec => ({
    kind: 'images',
    key: '1',
    url: 'https://drive.google.com/uc?id=1',
    path,
  });
  const reasonOf = async (path: string, source = folder) =>
    (await outcomeOf(localDir(source), spec(path))).failure?.reason;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'local-dir-'));
    folder = join(root, 'source');
    await mkdir(join(folder, 'sub'), { recursive: true });
    await mkdir(join(root, 'source-beside'));
    await writeFile(join(root, 'secret.png'), 'secret');
    await writeFile(join(root, 'source-beside', 'secret.png'), 'secret');
    await writeFile(join(folder, 'sub', 'a.png'), 'good');
    await symlink(join(root, 'secret.png'), join(folder, 'out.png'));
    await symlink('../../secret.png', join(folder, 'sub', 'out.png'));
    await symlink(join(root, 'source-beside'), join(folder, 'beside'));
    await symlink('sub/a.png', join(folder, 'in.png'));
    await symlink('loop.png', join(folder, 'loop.png'));
    await symlink('nothing.png', join(folder, 'dangling.png'));
    execFileSync('mkfifo', [join(folder, 'pipe.png')]);
  });
  afterAll(() => rm(root, { recursive: true }));

  test.each([
    'out.png',
    'sub/out.png',
    'beside/secret.png',
    '../secret.png',
    '../source-beside/secret.png',
    '/etc/hostname',
    '',
  ])('%j leads out of the folder and is refused', async (path) => {
    expect(await reasonOf(path)).toBe('unsafe-source-path');
  });

  test.each(['pipe.png', 'sub', 'loop.png', 'a\0.png'])(
    '%j is no regular file and is refused',
    async (path) => {
      expect(await reasonOf(path)).toBe('unsafe-source-path');
    },
  );

  test('a symbolic link within the folder is followed', async () => {
    expect((await outcomeOf(localDir(folder), spec('in.png'))).bytes.toString()).toBe('good');
  });

  test('a folder that is itself behind a symbolic link is a folder', async () => {
    await symlink(folder, join(root, 'alias'));
    expect((await outcomeOf(localDir(join(root, 'alias')), spec('sub/a.png'))).bytes.toString()).toBe('good');
  });

  test.each(['dangling.png', 'sub/a.png/b.png', 'none/a.png'])('%j is missing', async (path) => {
    expect(await reasonOf(path)).toBe('missing');
  });

  test('a source folder that is not there, or is none, is not mounted: no file is missing for that', async () => {
    expect(await reasonOf('sub/a.png', join(root, 'gone'))).toBe('source-not-mounted');
    expect(await reasonOf('sub/a.png', join(root, 'secret.png'))).toBe('source-not-mounted');
  });
});

test('while a folder of the source is swapped for a link again and again, no byte from elsewhere is read', async () => {
  const root = await mkdtemp(join(tmpdir(), 'local-dir-swap-'));
  const folder = join(root, 'source/sub');
  for (const [path, text] of [
    [folder, 'good'],
    [join(root, 'elsewhere'), 'evil'],
  ] as const) {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'a.png'), text);
  }
  const swaps = `
    const fs = require('node:fs');
    const [folder, target] = ${JSON.stringify([folder, join(root, 'elsewhere')])};
    process.stdout.write('.');
    for (;;) {
      fs.symlinkSync(target, folder + '.planted');
      fs.renameSync(folder, folder + '.aside');
      fs.renameSync(folder + '.planted', folder);
      fs.unlinkSync(folder);
      fs.renameSync(folder + '.aside', folder);
    }`;
  const child = spawn(process.execPath, ['-e', swaps], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const seen = new Set<string>();
  try {
    const source = localDir(join(root, 'source'));
    const spec: FileSpec = {
      kind: 'images',
      key: '1',
      url: 'https://drive.google.com/uc?id=1',
      path: 'sub/a.png',
    };
    for (const until = Date.now() + 3_000; Date.now() < until; ) {
      const { bytes, failure } = await outcomeOf(source, spec);
      if (failure === undefined) seen.add(bytes.toString());
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(root, { recursive: true });
  }
  expect([...seen]).toEqual(['good']);
}, 60_000);
