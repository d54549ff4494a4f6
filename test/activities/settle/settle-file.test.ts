import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVerified, VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { FileFolders } from '../../../src/activities/settle/file-folders.ts';
import { type FileMaker, type FileTools, failed } from '../../../src/activities/settle/file-maker.ts';
import { PendingRecords } from '../../../src/activities/settle/pending-records.ts';
import { type Settling, settleFile } from '../../../src/activities/settle/settle-file.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';

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
    records: new PendingRecords(new VerifiedLog('w'), root, 'images', '00000', 'run'),
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
  expect((await readVerified(root, 'images', '00000')).get(spec.path)).toMatchObject([{ how: 'adopted' }]);
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
