import { lstat, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVerified, VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { FileFolders } from '../../../src/activities/settle/file-folders.ts';
import { type FileMaker, type FileTools, failed } from '../../../src/activities/settle/file-maker.ts';
import { PendingRecords } from '../../../src/activities/settle/pending-records.ts';
import { type Settling, settleFile } from '../../../src/activities/settle/settle-file.ts';
import { onDisk } from '../../../src/activities/store/file-info.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import {
  findVouchingRecord,
  lastDigest,
  type SeenRecord,
} from '../../../src/domain/verify/verification-record.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { testSeal } from '../../support/test-key.ts';

const right = Buffer.from('the right bytes');
const spec: FileSpec = {
  kind: 'images',
  key: '0',
  url: '',
  path: 'images1024x1024/00000/00000.png',
  size: right.length,
  md5: md5Of(right),
};
const tools: FileTools = {
  signal: new AbortController().signal,
  onBytes: () => {},
  inHand: (work) => work(false),
  beginWait: () => () => {},
};

let root: string;
let verifier: VerifyThreads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-settle-'));
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

function settling(
  make: FileMaker<FileSpec>['make'],
  more: Partial<Settling<FileSpec>> = {},
): Settling<FileSpec> {
  return {
    maker: { vouching: () => undefined, wanted: (wanted) => wanted, make },
    verifier,
    writer: new WriterProcess(workerIdentity(), () => false),
    folders: foldersOf(root),
    verified: new Map(),
    records: new PendingRecords(new VerifiedLog('w', testSeal), root, 'images', '00000', 'run'),
    run: 'run',
    request: { trust: 'records', fetch: 'missing', manifest: { name: 'official' } },
    ...more,
  };
}

test('a file that an overlapping attempt made meanwhile counts, though it cannot be made any more', async () => {
  const given = settling(async (_spec, folder) => {
    await writeFile(join(folder.path, '00000.png'), right);
    return failed('missing-original', 'gone: it has served');
  });
  expect(await settleFile(given, spec, tools)).toMatchObject({ status: 'done', how: 'adopted' });
  await given.records.written();
  expect((await readVerified(root, 'images', '00000', testSeal)).get(spec.path)).toMatchObject([
    { how: 'adopted' },
  ]);
});

test('what came meanwhile and is wrong does not count: the failure stays what it was', async () => {
  const given = settling(async (_spec, folder) => {
    await writeFile(join(folder.path, '00000.png'), 'the wrong bytes');
    return failed('missing-original', 'gone');
  });
  const result = await settleFile(given, spec, tools);
  await given.records.written();
  expect(result).toMatchObject({ status: 'failed', fault: { reason: 'missing-original' } });
  expect(await readFile(join(root, spec.path), 'utf8')).toBe('the wrong bytes');
});

test('a file that lies there and is right is not made', async () => {
  await foldersOf(root).of(spec);
  await writeFile(join(root, spec.path), right);
  const given = settling(() => Promise.reject(new Error('made')));
  expect(await settleFile(given, spec, tools)).toMatchObject({ status: 'done', how: 'adopted' });
  await given.records.written();
});

test('what was found damaged is looked at again once somebody touched it, though size and time are what they were', async () => {
  const path = join(root, spec.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'the wrong bytes');
  const { atime, mtime } = await stat(path);
  const look = async (bytes?: Buffer) => {
    if (bytes) await writeFile(path, bytes);
    await utimes(path, atime, mtime);
    const given = settling(async () => failed('missing', 'the source has it no more'), {
      verified: await readVerified(root, 'images', '00000', testSeal),
    });
    const result = await settleFile(given, spec, tools);
    await given.records.written();
    return result;
  };
  expect(await look()).toMatchObject({ status: 'failed', fault: { reason: 'missing' } });
  // As rsync and cp -p put a file back.
  expect(await look(right)).toMatchObject({ status: 'done', how: 'adopted' });
});

test('what came from one URL does not serve who asks for another, where no digest is published', async () => {
  const made: string[] = [];
  const fetched = async (url: string) => {
    const text: FileSpec = { kind: 'licenses', key: 'LICENSE.txt', url, path: 'LICENSE.txt' };
    const given = settling(
      async (asked, folder) => {
        made.push(asked.url);
        const path = join(folder.path, 'LICENSE.txt');
        await writeFile(path, asked.url);
        const info = await lstat(path, { bigint: true });
        return { status: 'placed', seen: { ...onDisk(info), md5: md5Of(Buffer.from(asked.url)) } };
      },
      {
        records: new PendingRecords(new VerifiedLog('w', testSeal), root, 'licenses', 'files', 'run'),
        verified: await readVerified(root, 'licenses', 'files', testSeal),
      },
    );
    const { vouching: _, wanted: __, ...maker } = given.maker;
    const download: FileMaker<FileSpec> = {
      ...maker,
      vouching: findVouchingRecord,
      wanted: (wanted, records) => {
        const md5 = lastDigest(wanted, records);
        return md5 === undefined ? { unknown: 'no digest' } : { ...wanted, md5 };
      },
    };
    const result = await settleFile({ ...given, maker: download }, text, tools);
    await given.records.written();
    return result;
  };
  for (const url of ['https://a.test/licence', 'https://a.test/licence', 'https://b.test/licence'])
    expect(await fetched(url)).toMatchObject({ status: 'done' });
  expect(made).toEqual(['https://a.test/licence', 'https://b.test/licence']);
  expect(await readFile(join(root, 'LICENSE.txt'), 'utf8')).toBe('https://b.test/licence');
});

test('what nothing can tell from another text is not noted as ours when somebody only looks', async () => {
  const text: FileSpec = {
    kind: 'licenses',
    key: 'LICENSE.txt',
    url: 'https://a.test/l',
    path: 'LICENSE.txt',
  };
  await writeFile(join(root, 'LICENSE.txt'), 'MIT, mine');
  const given = settling(async () => failed('missing', ''), {
    records: new PendingRecords(new VerifiedLog('w', testSeal), root, 'licenses', 'files', 'run'),
    request: { trust: 'contents', fetch: 'nothing', manifest: { name: 'official' } },
  });
  expect(await settleFile(given, text, tools)).toMatchObject({ status: 'done', how: 'already there' });
  await given.records.written();
  expect((await readVerified(root, 'licenses', 'files', testSeal)).size).toBe(0);
});

test('what was fetched to go is noted as kept by a run that lets none go, and not by one that does or only looks', async () => {
  const path = join(root, spec.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, right);
  const seen = onDisk(await lstat(path, { bigint: true }));
  const stored: SeenRecord = {
    ...{ file: spec.path, ...seen, md5: md5Of(right), run: 'earlier', at: '', turn: 1 },
    how: 'stored',
    passing: true,
  };
  const discards = {
    ...{ options: defaultAlignOptions, folder: 'realign1024x1024', fileIdentical: false },
    discardOriginals: true,
  };
  const requests = [
    { fetch: 'missing', align: discards },
    { fetch: 'nothing' },
    { fetch: 'missing', align: { ...discards, discardOriginals: false } },
  ] as const;
  const notes: unknown[] = [];
  for (const request of requests) {
    const given = settling(async () => failed('missing', ''), {
      request: { trust: 'records', manifest: { name: 'official' }, ...request },
    });
    const vouched = { ...given, maker: { ...given.maker, vouching: () => stored } };
    expect(await settleFile(vouched, spec, tools)).toMatchObject({ status: 'done' });
    await given.records.written();
    notes.push((await readVerified(root, 'images', '00000', testSeal)).get(spec.path)?.at(-1));
  }
  expect(notes).toMatchObject([undefined, undefined, { how: 'adopted', md5: md5Of(right) }]);
  expect(notes[2]).not.toHaveProperty('passing');
});
