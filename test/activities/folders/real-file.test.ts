import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBytes, readText } from '../../../src/activities/folders/real-file.ts';
import { readSummary } from '../../../src/activities/manifest/manifest-slices.ts';
import { readJsonFile } from '../../../src/activities/store/atomic-file.ts';
import { claim, readOwner, signOwner } from '../../../src/activities/store/owner.ts';
import { checkStore, ensureStore } from '../../../src/activities/store/store-identity.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { testSeal } from '../../support/test-key.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-real-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A file that takes no room, and says that it has so many bytes. */
async function enlarge(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'a');
  await handle.truncate(bytes);
  await handle.close();
}

test('a file of somebody else`s folder that is larger than the memory is never read into it', async () => {
  const path = join(root, 'large.json');
  await writeFile(path, '{}');
  expect(await readText(path)).toBe('{}');
  await enlarge(path, 1024 ** 3);
  const before = process.resourceUsage().maxRSS;
  await expect(readBytes(path)).rejects.toMatchObject({ code: 'ELOOP' });
  await expect(readJsonFile(path)).rejects.toMatchObject({ reason: 'unsafe-folder' });

  const store = await ensureStore(join(root, 'out'));
  const me = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, me, 'run', false);
  await enlarge(join(store.path, statePaths.owner), 1024 ** 3);
  await expect(readOwner(store.path)).rejects.toMatchObject({ reason: 'unsafe-folder' });
  await signOwner(store, me, 'run');
  expect(await readOwner(store.path)).toMatchObject(me);

  // Each Activity parses it: some kilobytes are as many as it may have.
  await writeFile(
    join(store.path, statePaths.store),
    JSON.stringify({ id: store.id, x: 'x'.repeat(100_000) }),
  );
  await expect(checkStore(store)).rejects.toMatchObject({ reason: 'unsafe-folder' });

  const md5 = 'a'.repeat(32) as never;
  const slices = join(store.path, statePaths.manifests);
  await expect(readSummary(slices, md5, testSeal)).resolves.toBeUndefined();
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1024);
});
