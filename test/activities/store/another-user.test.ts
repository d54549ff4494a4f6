import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOwn } from '../../../src/activities/folders/real-file.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { readSigningKey } from '../../../src/signing/signing-key.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { testSeal } from '../../support/test-key.ts';

/*
 * A folder that two users of a machine may write to. Only root can be two users at once.
 */

const isRoot = process.getuid?.() === 0;

let root: string;
let secret: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'ffhq-test-users-'));
  secret = join(root, 'secret');
  chmodSync(root, 0o755);
  writeFileSync(secret, 'of the user\n', { mode: 0o600 });
});
afterEach(() => rmSync(root, { recursive: true }));

const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };

/** A dataset folder in which everybody may make files, with nothing in it but what a first run makes. */
async function sharedStore() {
  const store = await ensureStore(join(root, 'shared'));
  for (const path of [
    '.',
    '.ffhq',
    '.ffhq/verified',
    '.ffhq/verified/images',
    statePaths.verified('images', '00000'),
  ]) {
    mkdirSync(join(store.path, path), { recursive: true });
    chmodSync(join(store.path, path), 0o777);
  }
  return store;
}

const record = {
  file: 'images1024x1024/00000/00001.png',
  size: 1,
  mtime: '1',
  run: 'r',
  at: '2026-01-01T00:00:00Z',
  how: 'stored',
  md5: '0'.repeat(32) as Md5,
} as const;

test.runIf(isRoot)('another user reads no key, and none of theirs is taken for the user`s own', async () => {
  const path = join(root, 'state', 'input-key');
  const key = await readSigningKey({ path, isGiven: false });
  chmodSync(dirname(path), 0o755);
  await expect(asNobody(() => readFile(path))).rejects.toMatchObject({ code: 'EACCES' });
  // As if that user could write there: a key of their own, or a name for a file that they know.
  chmodSync(dirname(path), 0o777);
  rmSync(path);
  await asNobody(async () => writeFileSync(path, 'k'.repeat(64), { mode: 0o600 }));
  await expect(readSigningKey({ path, isGiven: false })).rejects.toThrow('expected a file of this user');
  rmSync(path);
  await asNobody(async () => symlinkSync('/etc/hostname', path));
  await expect(readSigningKey({ path, isGiven: false })).rejects.toThrow(path);
  expect(key.length).toBeGreaterThanOrEqual(32);
});

test.runIf(isRoot)(
  'what another user noted of files says nothing, and a partial file of theirs is not gone on with',
  async () => {
    const { path: store } = await sharedStore();
    const log = join(store, statePaths.verified('images', '00000'), 'me.jsonl');
    const partial = join(store, 'a.ffhq-part');
    await asNobody(async () => {
      writeFileSync(log, `${JSON.stringify(record)}\n`, { mode: 0o666 });
      writeFileSync(partial, 'theirs', { mode: 0o666 });
    });
    await new VerifiedLog('me', testSeal).append(store, 'images', '00000', { ...record, turn: 1 });
    const read = await new VerifiedLog('me', testSeal).read(store, 'images', '00000');
    expect(read.get(record.file)?.map(({ turn }) => turn)).toEqual([1]);
    await expect(openOwn(partial)).rejects.toMatchObject({ code: 'ELOOP' });
  },
);

test.runIf(isRoot)(
  'links and names that another user plants lead to none of the user`s own files',
  async () => {
    const store = await sharedStore();
    const before = { ...statSync(secret), text: readFileSync(secret, 'utf8') };
    const log = join(store.path, statePaths.verified('images', '00000'), 'me.jsonl');
    await asNobody(async () => {
      symlinkSync(secret, log);
      symlinkSync(secret, join(store.path, statePaths.owner));
    });
    await new VerifiedLog('me', testSeal).append(store.path, 'images', '00000', { ...record, turn: 1 });
    await expect(claim(store, owner, 'r', false)).rejects.toThrow('symbolic link');
    rmSync(join(store.path, statePaths.owner));
    // Where the kernel lets a user give other names to files of others, that leads nowhere either.
    linkSync(secret, join(store.path, statePaths.owner));
    await claim(store, owner, 'r', false);
    const after = statSync(secret);
    expect(readFileSync(secret, 'utf8')).toBe(before.text);
    expect([after.mtimeMs, after.mode, after.nlink]).toEqual([before.mtimeMs, before.mode, 1]);
  },
);
