import { link, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { distrust } from '../../../src/activities/manifest/manifest-text.ts';
import { MANIFEST_FILE, statePaths } from '../../../src/domain/dataset/layout.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-text-'));
});
afterEach(() => rm(root, { recursive: true }));

test.each([MANIFEST_FILE, statePaths.incomingManifest])(
  'a text at %s that is not what was recorded has another time, and its other names keep theirs',
  async (path) => {
    const [text, elsewhere] = [join(root, 'out', path), join(root, 'elsewhere')];
    await mkdir(dirname(text), { recursive: true });
    await mkdir(dirname(join(root, 'out', statePaths.incomingManifest)), { recursive: true });
    const recorded = new Date('2026-01-01T00:00:00Z');
    for (const hasOtherName of [false, true]) {
      await writeFile(text, 'text');
      if (hasOtherName) await link(text, elsewhere);
      await utimes(text, recorded, recorded);
      await distrust(join(root, 'out'), text);
      expect((await stat(text)).mtime).not.toEqual(recorded);
      expect(await readFile(text, 'utf8')).toBe('text');
    }
    expect((await stat(elsewhere)).mtime).toEqual(recorded);
  },
);
