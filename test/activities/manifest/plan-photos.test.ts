import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActivityScope } from '../../../src/activities/activity.ts';
import { cropsOf } from '../../../src/activities/manifest/crop-files.ts';
import { cropsRoot } from '../../../src/activities/manifest/manifest-folders.ts';
import { planPhotos } from '../../../src/activities/manifest/plan-photos.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { Folder, Md5 } from '../../../src/domain/dataset/ids.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

const face = Array.from({ length: 68 }, (_, at) => [100 + at, 100 + ((at * 7) % 60)]);

let root: string;
let photos: string;
let scope: ActivityScope;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-photos-'));
  photos = join(root, 'photos');
  await mkdir(photos);
  await mkdir(join(root, 'out'));
  const { signal } = new AbortController();
  const heartbeat = { signal, say: () => {}, addNotedBytes: () => {} };
  // All that planning acts with.
  const dependencies = { seal: testSeal };
  scope = { storePath: join(root, 'out'), heartbeat, dependencies } as unknown as ActivityScope;
});
afterEach(() => rm(root, { recursive: true }));

/** Plans a face of each photograph. */
async function plan(names: readonly string[], again?: Md5) {
  const landmarks = join(root, 'faces.json');
  await writeFile(landmarks, JSON.stringify(Object.fromEntries(names.map((name) => [name, [face]]))));
  const align = { ...alignByDefault, folder: 'aligned', sourceDir: photos };
  const request = requestOf({
    ...{ kinds: ['align'], license: { name: 'none' }, align },
    manifest: { name: 'photos', folder: photos, landmarks },
  });
  const { md5 } = await planPhotos(scope, {
    ...{ request, run: 'r', store: { path: scope.storePath, id: '' } },
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    ...(again === undefined ? {} : { again }),
  });
  const crops = await cropsOf(
    makeManifestCaches(testSeal),
    cropsRoot(scope.storePath, md5, align),
    '00000' as Folder,
  );
  return { md5, originals: [...crops.values()].map(({ original }) => original) };
}

function drawn(background: string): Promise<Buffer> {
  return sharp({ create: { width: 300, height: 300, channels: 3, background } })
    .png()
    .toBuffer();
}

test('a photograph that is a link is known by what lies behind it, and another one behind it is noticed', async () => {
  const bytes = await drawn('teal');
  await writeFile(join(root, 'elsewhere.png'), bytes);
  await symlink('../elsewhere.png', join(photos, 'anna.png'));
  const { md5, originals } = await plan(['anna.png']);
  expect(originals).toEqual([{ path: 'anna.png', size: bytes.length, md5: md5Of(bytes) }]);
  await writeFile(join(root, 'elsewhere.png'), await drawn('maroon'));
  await expect(plan(['anna.png'], md5)).rejects.toThrow(/as they were when the run began, got others/);
});

test('links that lead nowhere or in a circle leave the other photographs as they are', async () => {
  const bytes = await drawn('teal');
  await writeFile(join(photos, 'anna.png'), bytes);
  await symlink('gone.png', join(photos, 'broken.png'));
  await symlink('circle.png', join(photos, 'circle.png'));
  const { originals } = await plan(['broken.png', 'circle.png', 'anna.png']);
  expect(originals).toEqual([
    { path: 'broken.png' },
    { path: 'circle.png' },
    { path: 'anna.png', size: bytes.length, md5: md5Of(bytes) },
  ]);
});

test('a photograph that nobody may read leaves the others as they are', async () => {
  const bytes = await drawn('teal');
  await writeFile(join(photos, 'anna.png'), bytes);
  await writeFile(join(photos, 'secret.png'), bytes, { mode: 0o000 });
  await chmod(root, 0o777);
  await chmod(join(root, 'out'), 0o777);
  const { originals } = await asNobody(() => plan(['secret.png', 'anna.png']));
  expect(originals).toEqual([
    { path: 'secret.png' },
    { path: 'anna.png', size: bytes.length, md5: md5Of(bytes) },
  ]);
});
