import { execFileSync } from 'node:child_process';
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFolderCard } from '../../../src/activities/manifest/folder-card.ts';
import {
  distrust,
  findText,
  isFrom,
  putIntoPlace,
  textToRead,
} from '../../../src/activities/manifest/manifest-text.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { MANIFEST_FILE, statePaths } from '../../../src/domain/dataset/layout.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

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

test.each(['a link', 'a pipe', 'nothing'])(
  '%s in the place of a text is not opened, and nothing is copied',
  async (what) => {
    const { path: out } = await ensureStore(join(root, 'out'));
    await mkdir(join(out, statePaths.manifests));
    const [text, secret] = [join(out, MANIFEST_FILE), join(root, 'secret')];
    await writeFile(secret, 'of the user');
    await link(secret, join(root, 'another name'));
    if (what === 'a link') await symlink(secret, text);
    if (what === 'a pipe') execFileSync('mkfifo', [text]);
    await distrust(out, text);
    expect(await readdir(join(out, statePaths.manifests))).toEqual([]);
    if (what === 'a link') expect((await lstat(text)).isSymbolicLink()).toBe(true);
  },
);

const location = 'http://mirror.example/ffhq-dataset-v2.json';
const request = requestOf({
  kinds: ['images'],
  manifest: { name: 'other', location },
  license: { name: 'official' },
});

function scopeOf(storePath: string) {
  const { signal } = new AbortController();
  const dependencies = { verifiedLog: new VerifiedLog('w', testSeal), seal: testSeal };
  return { storePath, heartbeat: { signal }, dependencies } as unknown as Parameters<typeof putIntoPlace>[0];
}

/** A folder with one text in place, and another one that was fetched. */
async function folderOf(inPlace: Buffer, incoming: Buffer): Promise<string> {
  const { path: out } = await ensureStore(join(root, 'out'));
  await mkdir(dirname(join(out, statePaths.incomingManifest)), { recursive: true });
  await writeFile(join(out, MANIFEST_FILE), inPlace);
  await writeFile(join(out, statePaths.incomingManifest), incoming);
  return out;
}

test('a manifest that only a run of another key knows makes room for another one, and is kept beside it', async () => {
  const [before, now] = [Buffer.from('before'), Buffer.from('now')];
  const out = await folderOf(before, now);
  // What nobody knows is the user's own.
  await expect(putIntoPlace(scopeOf(out), md5Of(now), request)).rejects.toThrow('which is kept');
  expect(await readFile(join(out, MANIFEST_FILE), 'utf8')).toBe('before');
  await writeFolderCard(out, md5Of(before), request, new Seal(Buffer.alloc(32, 'other')));
  await putIntoPlace(scopeOf(out), md5Of(now), request);
  expect(await readFile(join(out, MANIFEST_FILE), 'utf8')).toBe('now');
  const [aside = ''] = (await readdir(out)).filter((name) => name.includes('before'));
  expect(await readFile(join(out, aside), 'utf8')).toBe('before');
});

test('what an ended run had fetched of another manifest is neither read nor taken for the one of the folder', async () => {
  const [own, other] = [Buffer.from('own'), Buffer.from('other')];
  const out = await folderOf(own, other);
  await writeFolderCard(out, md5Of(own), request, testSeal);
  expect(await textToRead(out, request, false)).toBe(join(out, MANIFEST_FILE));
  expect(await textToRead(out, request, true)).toBe(join(out, statePaths.incomingManifest));
  expect(await isFrom(scopeOf(out), request, join(out, MANIFEST_FILE))).toBe(true);
  expect(await isFrom(scopeOf(out), request, join(out, statePaths.incomingManifest))).toBe(false);
});

test('a text that is larger than any manifest is not read to its end', async () => {
  const { path: out } = await ensureStore(join(root, 'out'));
  await mkdir(join(out, statePaths.manifests));
  await writeFile(join(out, MANIFEST_FILE), '');
  await truncate(join(out, MANIFEST_FILE), 4 * 1024 ** 4);
  // Not even to be copied, where it has another name.
  await link(join(out, MANIFEST_FILE), join(root, 'elsewhere'));
  const lost = findText(scopeOf(out), request, md5Of(Buffer.from('now')));
  await expect(lost).rejects.toMatchObject({ reason: 'manifest-lost' });
});
