import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PartialLostError } from '../../../src/activities/partials/partial-file.ts';
import { FileFolders } from '../../../src/activities/settle/file-folders.ts';

const spec = { kind: 'images', key: '0', url: '', path: 'images1024x1024/00000/00000.png' } as const;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-folders-'));
});
afterEach(() => rm(root, { recursive: true }));

test.runIf(process.platform === 'linux')(
  'what was put into a folder that was moved meanwhile does not count: it is not where it should be',
  async () => {
    const folders = new FileFolders(root);
    const { path } = await folders.of(spec);
    await folders.sync();
    await rename(join(root, 'images1024x1024/00000'), join(root, 'moved'));
    await writeFile(`${path}/00000.png`, 'a picture');
    await expect(folders.sync()).rejects.toThrow(PartialLostError);
    await folders.release();
  },
);
