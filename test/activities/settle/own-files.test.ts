import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVerified, VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { FileFolders } from '../../../src/activities/settle/file-folders.ts';
import type { FileMaker } from '../../../src/activities/settle/file-maker.ts';
import { PendingRecords } from '../../../src/activities/settle/pending-records.ts';
import { type FileResult, settleFile } from '../../../src/activities/settle/settle-file.ts';
import { lstatIfThere, onDisk } from '../../../src/activities/store/file-info.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { fileName } from '../../../src/domain/dataset/plain-path.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import { findVouchingRecord, lastSeen } from '../../../src/domain/verify/verification-record.ts';
import { testSeal } from '../../support/test-key.ts';

const text = Buffer.from('the text of the licence');
const licence: FileSpec = {
  kind: 'licenses',
  key: 'LICENSE.txt',
  url: '',
  path: 'LICENSE.txt',
  size: text.length,
  md5: md5Of(text),
};
const { size: _size, md5: _md5, ...undigested } = licence;

let root: string;
let verifier: VerifyThreads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-own-'));
  verifier = new VerifyThreads(1);
});
const opened: FileFolders[] = [];
function foldersOf(path: string): FileFolders {
  const folders = new FileFolders(path);
  opened.push(folders);
  return folders;
}

afterEach(async () => {
  for (const folders of opened.splice(0)) await folders.release();
  await verifier.close();
  await rm(root, { recursive: true });
});

/** Downloads what it is asked for; counts how often. */
function downloads(bytes: Buffer) {
  const made: string[] = [];
  const maker: FileMaker<FileSpec> = {
    vouching: findVouchingRecord,
    wanted: (spec, records) => {
      const md5 = spec.md5 ?? lastSeen(records)?.md5;
      return md5 === undefined ? { unknown: 'no digest' } : { ...spec, md5 };
    },
    make: async (spec, folder) => {
      made.push(spec.path);
      const path = join(folder.path, fileName(spec.path));
      await writeFile(path, bytes);
      const info = await lstatIfThere(path);
      if (info === undefined) throw new Error('expected the file that was written');
      return { status: 'placed', seen: { ...onDisk(info), md5: md5Of(bytes) } };
    },
  };
  return { maker, made };
}

async function settle(
  spec: FileSpec,
  maker: FileMaker<FileSpec>,
  request: Partial<RunRequest> = {},
): Promise<FileResult> {
  const records = new PendingRecords(new VerifiedLog('w', testSeal), root, spec.kind, 'files', 'run');
  const tools = {
    signal: new AbortController().signal,
    onBytes: () => {},
    beginWait: () => () => {},
    inHand: <Answer>(work: (alone: boolean) => Promise<Answer>) => work(false),
  };
  const result = await settleFile(
    {
      ...{ maker, verifier, records, run: 'run' },
      writer: new WriterProcess('1@h/p/b/1', () => false),
      folders: foldersOf(root),
      verified: await readVerified(root, spec.kind, 'files', testSeal),
      request: { trust: 'records', fetch: 'missing', manifest: { name: 'official' }, ...request },
    },
    spec,
    tools,
  );
  await records.written();
  return result;
}

async function lay(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

const read = (path: string) => readFile(join(root, path), 'utf8');

test.each([
  ['with a published digest', licence],
  ['without one', undigested],
])("a LICENSE.txt of the user's own is kept, and the dataset's, %s, goes beside it", async (_what, spec) => {
  await lay('LICENSE.txt', 'MIT, mine');
  const { maker, made } = downloads(text);
  expect(await settle(spec, maker)).toMatchObject({ status: 'done', how: 'stored' });
  expect(await read('LICENSE.txt')).toBe('MIT, mine');
  expect(await read('LICENSE.ffhq.txt')).toBe(text.toString());
  // And so it stays.
  expect(await settle(spec, maker)).toMatchObject({ status: 'done', how: 'stored' });
  expect(made).toEqual(['LICENSE.ffhq.txt']);
  expect(await settle(spec, maker, { fetch: 'nothing' })).toMatchObject({ status: 'done' });
});

test('a LICENSE.txt that is the very text, though no digest said so before, is adopted and not doubled', async () => {
  await lay('LICENSE.txt', text);
  const { maker } = downloads(text);
  expect(await settle(undigested, maker)).toMatchObject({ status: 'done', how: 'adopted' });
  expect((await readdir(root)).filter((name) => name.startsWith('LICENSE'))).toEqual(['LICENSE.txt']);
});

test('a licence text that this program put there is replaced by a right one', async () => {
  const { maker: stale } = downloads(Buffer.from('as it was last year....'));
  await settle(licence, stale);
  expect(await settle(licence, downloads(text).maker)).toMatchObject({ status: 'done', how: 'stored' });
  expect(await read('LICENSE.txt')).toBe(text.toString());
});

test("a manifest of the user's own that is not the one asked for is kept, and said to be in the way", async () => {
  await lay('ffhq-dataset-v2.json', '{ "mine": true }');
  const { maker, made } = downloads(text);
  const manifest: FileSpec = { ...licence, kind: 'json', path: 'ffhq-dataset-v2.json' };
  expect(await settle(manifest, maker)).toMatchObject({ status: 'failed', fault: { reason: 'not-ours' } });
  expect(made).toEqual([]);
  expect(await read('ffhq-dataset-v2.json')).toBe('{ "mine": true }');
});

test('what lies at a path that a manifest names is replaced; in the way of an aligned photograph it is kept', async () => {
  const picture: FileSpec = { ...licence, kind: 'images', path: 'images1024x1024/00000/00000.png' };
  await lay(picture.path, 'half a picture');
  expect(await settle(picture, downloads(text).maker)).toMatchObject({ status: 'done', how: 'stored' });

  const face: FileSpec = { ...undigested, kind: 'align', path: 'aligned/anna_0.png' };
  await lay(face.path, 'anna, by another program');
  const photos = { name: 'photos', folder: root, landmarks: '' } as const;
  const result = await settle(face, downloads(text).maker, { manifest: photos });
  expect(result).toMatchObject({ status: 'failed', fault: { reason: 'not-ours' } });
  expect(await read(face.path)).toBe('anna, by another program');
});

test("a file of the user's own in the folder that --align-dir names is kept; what this program put there, and nobody touched, is replaced", async () => {
  const face: FileSpec = { ...licence, kind: 'align', path: 'mine/00000/00000.png' };
  await lay(face.path, 'my own drawing');
  expect(await settle(face, downloads(text).maker)).toMatchObject({ fault: { reason: 'not-ours' } });
  expect(await read(face.path)).toBe('my own drawing');
  await rm(join(root, face.path));
  expect(await settle(face, downloads(text).maker)).toMatchObject({ status: 'done', how: 'stored' });
  // Of another request, and untouched since.
  const other = Buffer.from('another picture of it...');
  const shifted = { ...face, md5: md5Of(other), size: other.length };
  expect(await settle(shifted, downloads(other).maker)).toMatchObject({ status: 'done', how: 'stored' });
  // Painted over by the user.
  await lay(face.path, 'painted over');
  expect(await settle(face, downloads(text).maker)).toMatchObject({ fault: { reason: 'not-ours' } });
  expect(await read(face.path)).toBe('painted over');
  // In its own folder the reference's script replaces what is there, too.
  const usual: FileSpec = { ...face, path: 'realign1024x1024/00000/00000.png' };
  await lay(usual.path, 'whatever');
  expect(await settle(usual, downloads(text).maker)).toMatchObject({ status: 'done', how: 'stored' });
});
