import { existsSync } from 'node:fs';
import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NewFolder } from '../../../src/activities/manifest/new-folder.ts';
import { partialsOf, surveyFolder } from '../../../src/activities/partials/folder-survey.ts';
import { PartialFile } from '../../../src/activities/partials/partial-file.ts';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { readVerified, VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { claimStore } from '../../../src/activities/store/claim-store.ts';
import { removeDrafts } from '../../../src/activities/store/drafts.ts';
import { probeFolder } from '../../../src/activities/store/folder-probe.ts';
import { Hands } from '../../../src/activities/store/hands.ts';
import { claim, readOwner } from '../../../src/activities/store/owner.ts';
import { checkStore, ensureStore } from '../../../src/activities/store/store-identity.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { ownedPartial, releasedPartial } from '../../../src/domain/dataset/partial-name.ts';
import type { ClaimInput } from '../../../src/domain/run/activity-inputs.ts';
import type { StoreRef } from '../../../src/domain/run/request.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

/*
 * A dataset folder that somebody else made, or may write to: links in it lead to what is not the dataset's. Nothing
 * behind them may change, whatever is done with the folder.
 */

const RUN = '0199b1c2-0000-7000-8000-00000000000a';
const EARLIER = '0199b1c2-0000-7000-8000-00000000000b';
const PRECIOUS = 'not the dataset`s';
const me = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
const process1 = () => new WriterProcess('1@here/abcdef01/0a0b0c0d/77', () => false);

let root: string;
let out: string;
let elsewhere: string;
let victim: string;
let store: StoreRef;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-links-'));
  elsewhere = join(root, 'elsewhere');
  victim = join(elsewhere, 'precious');
  await mkdir(elsewhere);
  await writeFile(victim, PRECIOUS);
  store = await ensureStore(join(root, 'out'));
  out = store.path;
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function plant(relative: string, target: string): Promise<string> {
  const path = join(out, relative);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
  return path;
}

async function expectUntouched(): Promise<void> {
  expect(await readdir(elsewhere)).toEqual(['precious']);
  expect(await readFile(victim, 'utf8')).toBe(PRECIOUS);
}

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { reason?: string }) => error.reason,
  );

const start = () => {
  const input: ClaimInput = { store, owner: me, run: RUN, request: archiveRequest, takeOver: false };
  return claimStore({ storePath: out }, input);
};

test.each(['.ffhq/failures', `.ffhq/failures/${EARLIER}`, '.ffhq/manifest'])(
  'a run that starts removes nothing behind a link at %s',
  async (path) => {
    await writeFile(join(elsewhere, 'report.0123456789ab.new'), PRECIOUS);
    await plant(path, elsewhere);
    await start().catch(() => {});
    await removeDrafts(out).catch(() => {});
    expect((await readdir(elsewhere)).sort()).toEqual(['precious', 'report.0123456789ab.new']);
  },
);

test('a run that starts removes the notes of earlier runs, and nothing that no run is named by', async () => {
  for (const name of [EARLIER, 'my own notes', RUN]) {
    await mkdir(join(out, '.ffhq/failures', name, 'images'), { recursive: true });
    await writeFile(join(out, '.ffhq/failures', name, 'images/w.jsonl'), '');
  }
  await start();
  expect((await readdir(join(out, '.ffhq/failures'))).sort()).toEqual([RUN, 'my own notes'].sort());
});

test('notes of a run that lie deeper than any of ours are refused by their path, and hold no folder open for each level', async () => {
  const deep = join(out, '.ffhq/failures', EARLIER, ...Array.from({ length: 200 }, () => 'd'));
  await mkdir(deep, { recursive: true });
  expect(await reasonOf(start())).toBe('unsafe-folder');
  expect((await lstat(deep)).isDirectory()).toBe(true);
});

test('a state folder that is a link is no store', async () => {
  const other = await ensureStore(join(root, 'other'));
  await rm(join(out, '.ffhq'), { recursive: true });
  await symlink(join(other.path, '.ffhq'), join(out, '.ffhq'));
  expect(await reasonOf(checkStore({ path: out, id: other.id }))).toBe('unsafe-folder');
  expect(await reasonOf(ensureStore(out))).toBe('unsafe-folder');
});

test('--out may be a link, and lie behind one', async () => {
  await symlink(root, join(root, 'disk'));
  await symlink(out, join(root, 'linked'));
  for (const path of [join(root, 'linked'), join(root, 'disk/linked'), join(root, 'disk/out')])
    expect(await ensureStore(path)).toEqual(store);
  const log = new VerifiedLog('w', testSeal);
  await log.append(join(root, 'disk/linked'), 'thumbs', '00000', record);
  expect((await readVerified(out, 'thumbs', '00000', testSeal)).size).toBe(1);
});

const record = {
  file: 'thumbs128x128/00000/00000.png',
  size: 1,
  mtime: '1',
  how: 'stored',
  run: RUN,
  at: '',
  md5: md5Of(Buffer.from('x')),
} as const;

test('records are never appended to what a link leads to', async () => {
  await plant('.ffhq/verified/thumbs/00000/w.jsonl', victim);
  const log = new VerifiedLog('w', testSeal);
  await log.append(out, 'thumbs', '00000', record);
  expect((await readVerified(out, 'thumbs', '00000', testSeal)).size).toBe(1);
  await expectUntouched();
});

test('records are never appended to a file that has another name', async () => {
  await mkdir(join(out, '.ffhq/verified/thumbs/00000'), { recursive: true });
  await link(victim, join(out, '.ffhq/verified/thumbs/00000/w.jsonl'));
  await new VerifiedLog('w', testSeal).append(out, 'thumbs', '00000', record);
  expect((await readVerified(out, 'thumbs', '00000', testSeal)).size).toBe(1);
  await expectUntouched();
});

test.each(['.ffhq/verified', '.ffhq/verified/thumbs', '.ffhq/verified/thumbs/00000'])(
  'records are neither written nor read behind a link at %s',
  async (path) => {
    await plant(path, elsewhere);
    expect(await reasonOf(new VerifiedLog('w', testSeal).append(out, 'thumbs', '00000', record))).toBe(
      'unsafe-folder',
    );
    expect(await reasonOf(readVerified(out, 'thumbs', '00000', testSeal))).toBe('unsafe-folder');
    await expectUntouched();
  },
);

test('notes of failures are not written behind a link', async () => {
  await plant(`.ffhq/failures/${RUN}`, elsewhere);
  const failures = new FailureLog('w', testSeal).appendFaults(out, RUN, 'images', '00000', [
    { key: '1', faults: 1 },
  ]);
  expect(await reasonOf(failures)).toBe('unsafe-folder');
  await expectUntouched();
});

test('an owner`s record that is a link is refused, and one that has another name is made anew', async () => {
  await plant('.ffhq/owner.json', victim);
  expect(await reasonOf(claim(store, me, RUN, false))).toBe('unsafe-folder');
  await expectUntouched();
  await rm(join(out, '.ffhq/owner.json'));
  await link(victim, join(out, '.ffhq/owner.json'));
  await claim(store, me, RUN, false);
  expect((await readOwner(out))?.run).toBe(RUN);
  await expectUntouched();
});

test('the note of files in hand and the probe of the folder do not go through links', async () => {
  const writer = process1();
  const planted = await plant(`.ffhq/failures/${RUN}/hands/${writer.name}-0`, victim);
  const hands = new Hands(writer, testSeal);
  const notes = await hands.ofRun(out, RUN);
  await notes.hold({ kind: 'images', key: '1' }, new AbortController().signal, async () => {
    expect(await readFile(planted, 'utf8')).toContain('"images"');
  });
  await hands.close();
  await plant(`.ffhq/${writer.name}.probe`, victim);
  await probeFolder(store, writer);
  await expectUntouched();
});

test('a download is not written through a link at the name of its partial file', async () => {
  for (const nth of [0, 1]) await plant(ownedPartial('a.png', `${process1().name}-${nth}`), victim);
  const writer = process1();
  const verifier = new VerifyThreads(1);
  try {
    const pieces = await PartialFile.take(out, 'a.png', [], writer, { resumes: true });
    await pieces.append([Buffer.from('pieces')]);
    await pieces.promote();
    expect(await readFile(join(out, 'a.png'), 'utf8')).toBe('pieces');
    const whole = await PartialFile.take(out, 'a.png', [], writer, { resumes: true });
    const bytes = Buffer.from('whole');
    const spec = { kind: 'licenses', key: 'a', url: '', path: 'a.png', md5: md5Of(bytes) } as const;
    await whole.placeWhole([bytes], (task) => verifier.place(spec, task));
    expect((await lstat(join(out, 'a.png'))).isFile()).toBe(true);
    expect(await readFile(join(out, 'a.png'), 'utf8')).toBe('whole');
  } finally {
    await verifier.close();
  }
  await expectUntouched();
});

test('a partial file that has another name is not gone on with', async () => {
  await link(victim, join(out, releasedPartial('a.png')));
  const names = partialsOf(await surveyFolder(out), 'a.png');
  const partial = await PartialFile.take(out, 'a.png', names, process1(), { resumes: true });
  expect(partial.size).toBe(0);
  await partial.append([Buffer.from('other bytes')]);
  await partial.discard();
  await expectUntouched();
});

test('a file that became a link is not read back', async () => {
  const path = await plant('a.png', victim);
  const bytes = Buffer.from(PRECIOUS);
  const spec = { kind: 'licenses', key: 'a', url: '', path: 'a.png', md5: md5Of(bytes) } as const;
  const verifier = new VerifyThreads(1);
  try {
    const look = verifier.verify(spec, path, new AbortController().signal);
    await expect(look).rejects.toThrow('ELOOP');
  } finally {
    await verifier.close();
  }
});

test.each(['.ffhq/manifest', '.ffhq/manifest/0123'])(
  'notes of the manifest are not written behind a link at %s',
  async (path) => {
    await plant(path, elsewhere);
    const folder = new NewFolder(join(out, '.ffhq/manifest/new-0123456789ab'));
    const work = async () => {
      await folder.writeLines('thumbs/00000.jsonl', ['{}']);
      await folder.finish(
        join(out, '.ffhq/manifest/0123'),
        { schema: 2 },
        { seal: testSeal, purpose: 'slices' },
      );
    };
    expect(await reasonOf(work())).toBe('unsafe-folder');
    await expectUntouched();
  },
);

test.each(['../../../elsewhere', '/elsewhere', '..', 'a/../../../../elsewhere', '.', 'a//b'])(
  'a run, a group or a digest that is %j names no folder',
  async (name) => {
    const log = new VerifiedLog('w', testSeal).append(out, 'thumbs', name, record);
    expect(await reasonOf(log)).toBe('unsafe-folder');
    const failures = new FailureLog('w', testSeal).appendFaults(out, name, 'images', '00000', [
      { key: '1', faults: 1 },
    ]);
    expect(await reasonOf(failures)).toBe('unsafe-folder');
    await expectUntouched();
    expect(existsSync(join(out, '.ffhq/verified'))).toBe(false);
  },
);
