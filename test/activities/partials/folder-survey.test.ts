import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inListedFolders, listedPath } from '../../../src/activities/partials/folder-survey.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-survey-'));
});
afterEach(() => rm(root, { recursive: true }));

test.runIf(process.platform === 'linux')(
  'files that lie in a folder each take few open files, and each is found',
  async () => {
    const files = Array.from({ length: 300 }, (_, id) => `images/${id}/picture.png`);
    for (const file of files) {
      await mkdir(join(root, file, '..'), { recursive: true });
      await writeFile(join(root, file), 'a picture');
    }
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    await inListedFolders(root, files, async (folders) => {
      expect(open() - before).toBeLessThan(80);
      for (const file of files) expect(listedPath(folders, file)).toMatch(/\/picture\.png$/);
    });
    expect(open() - before).toBeLessThan(5);
  },
);
