import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OriginalsToGo } from '../../../src/activities/align/original-to-go.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { readVerified, VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { bornOf, onDisk } from '../../../src/activities/store/file-info.ts';
import type { AlignSpec } from '../../../src/domain/align/align-spec.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { Folder, ImageId } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { SeenRecord } from '../../../src/domain/verify/verification-record.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';

const original = 'in-the-wild-images/00000/00000.png';
const picture = 'realign1024x1024/00000/00000.png';
const folder = '00000' as Folder;
const bytes = Buffer.from('an original');
const face: AlignSpec = {
  id: 0 as ImageId,
  output: '00000/00000.png',
  original: { path: original, size: bytes.length, md5: md5Of(bytes) },
  crop: { reason: 'bad-landmarks', detail: '' },
};

let root: string;
let log: VerifiedLog;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-to-go-'));
  log = new VerifiedLog('w', testSeal);
  for (const path of [original, picture]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
});
afterEach(() => rm(root, { recursive: true }));

async function note(what: Partial<SeenRecord>): Promise<void> {
  const info = await lstat(join(root, original), { bigint: true });
  const seen = onDisk(info);
  if (what.how === 'discarded') what = { born: bornOf(info), ...what };
  const record = {
    file: original,
    ...seen,
    md5: md5Of(bytes),
    how: 'stored',
    run: 'earlier',
    at: '',
  } as const;
  await log.append(root, 'wilds', folder, { ...record, ...what });
}

/** One look at the face, whose picture is noted when `noted` says so. */
function look(noted = () => Promise.resolve(), signal = new AbortController().signal): Promise<void> {
  const scope = {
    storePath: root,
    dependencies: { ...makeManifestCaches(testSeal), verifiedLog: log },
    heartbeat: { signal },
  };
  const crops = join(root, 'no-crops');
  const toGo = new OriginalsToGo(scope, { align: alignByDefault, ids: undefined, run: 'r', folder, crops });
  return toGo.letGo(face, picture, noted);
}

const isThere = () => existsSync(join(root, original));
const words = async () =>
  ((await readVerified(root, 'wilds', folder, testSeal)).get(original) ?? []).map(({ how }) => how);

test('an original goes after its picture`s record, and the word that it goes comes before the deed', async () => {
  await note({ passing: true });
  let before: unknown;
  await look(async () => {
    // Whatever would go on without waiting has had its time.
    await log.append(root, 'align', folder, {
      file: 'x',
      size: 0,
      mtime: '0',
      md5: md5Of(bytes),
      how: 'stored',
      run: 'r',
      at: '',
    });
    before = [isThere(), await words()];
  });
  expect(before).toEqual([true, ['stored']]);
  expect([isThere(), await words()]).toEqual([false, ['stored', 'discarded']]);
});

test('a picture`s record that cannot be written keeps the original', async () => {
  await note({ passing: true });
  await expect(look(() => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
  expect([isThere(), await words()]).toEqual([true, ['stored']]);
});

test('a word that cannot be written keeps the original', async () => {
  await note({ passing: true });
  // A folder stands where this writer's lines would go.
  await mkdir(join(root, statePaths.verified('wilds', folder), 'other.jsonl'));
  log = new VerifiedLog('other', testSeal);
  await expect(look()).rejects.toThrow(/EISDIR/);
  expect(isThere()).toBe(true);
});

test('a kill between the word and the deed: the next look takes the deed up, and says no second word', async () => {
  await note({ passing: true });
  await note({ passing: true, how: 'discarded' });
  await look();
  expect([isThere(), await words()]).toEqual([false, ['stored', 'discarded']]);
});

test('what was there before, or was put in its place since, stays', async () => {
  await note({});
  await look();
  expect(isThere()).toBe(true);
  await note({ passing: true });
  await utimes(join(root, original), 1_000, 1_000);
  await look();
  expect([isThere(), await words()]).toEqual([true, ['stored', 'stored']]);
});

test('an original that a run kept since it was fetched to go stays', async () => {
  await note({ passing: true, turn: 1 });
  await note({ how: 'adopted', turn: 2 });
  await look();
  expect([isThere(), await words()]).toEqual([true, ['stored', 'adopted']]);
});

test('an original that a later run kept stays, also when a kill came between the word of its going and the deed', async () => {
  await note({ passing: true, turn: 1 });
  await note({ passing: true, how: 'discarded', turn: 2 });
  await note({ how: 'adopted', turn: 3 });
  await look();
  expect([isThere(), await words()]).toEqual([true, ['stored', 'discarded', 'adopted']]);
});

test('an original that is put back with its size and time stays, though it was once let go', async () => {
  await note({ passing: true });
  const { mtime } = await lstat(join(root, original));
  await look();
  expect(isThere()).toBe(false);
  await writeFile(join(root, original), bytes);
  await utimes(join(root, original), mtime, mtime);
  await look();
  // On a disk that does not tell when a file came to be, the two are one.
  const tells = (await lstat(join(root, picture))).birthtimeMs !== 0;
  expect(isThere()).toBe(tells);
});

test('who is told to stop lets nothing go any more, and fails by nothing', async () => {
  await note({ passing: true });
  await look(() => Promise.resolve(), AbortSignal.abort());
  expect([isThere(), await words()]).toEqual([true, ['stored']]);
});

test('an original behind a link, planted at any moment, is not let go', async () => {
  await note({ passing: true });
  const wilds = join(root, 'in-the-wild-images');
  const elsewhere = join(root, 'elsewhere');
  await rename(join(wilds, '00000'), elsewhere);
  await symlink(elsewhere, join(wilds, '00000'));
  await expect(look()).rejects.toThrow('symbolic link');
  await rm(join(wilds, '00000'));
  await rename(elsewhere, join(wilds, '00000'));
  // In the last moment: the folder is another one by now, and what lies there is nobody's to remove.
  await look(async () => {
    await rename(join(wilds, '00000'), join(wilds, 'aside'));
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, '00000.png'), bytes);
    await symlink(elsewhere, join(wilds, '00000'));
  });
  expect(existsSync(join(elsewhere, '00000.png'))).toBe(true);
});
