import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { Download } from '../../../src/activities/fetch/download.ts';
import { Bundle } from '../../../src/activities/settle/bundle.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { ownedPartial } from '../../../src/domain/dataset/partial-name.ts';
import { driveUrl } from '../../../src/domain/dataset/reference-files.ts';
import type { BundleResult } from '../../../src/domain/run/activity-inputs.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { requestOf } from '../../support/request-of.ts';
import { downloadDependencies } from './download-dependencies.ts';

const ID = '1PicturePicturePicturePicturePict';
const SIZE = 300_000;
const bytes = Buffer.from(Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
const spec: FileSpec = {
  ...{ kind: 'images', key: '0', url: driveUrl(ID), path: 'images1024x1024/00000/00000.png' },
  ...{ size: SIZE, md5: md5Of(bytes) },
};
const request = requestOf({
  ...{ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } },
  numAttempts: 10,
});

let root: string;
let drive: DriveStandIn;
let sources: SourceBook;
let verifier: VerifyThreads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-held-'));
  await mkdir(folder(), { recursive: true });
  drive = await startDriveStandIn({ files: new Map([[ID, fileOfBytes(bytes, { name: 'picture' })]]) });
  sources = makeSourceBook({ connections: 4, googleOrigin: drive.origin, env: {} });
  verifier = new VerifyThreads(1);
});
afterEach(async () => {
  await verifier.close();
  await sources.close();
  await drive.close();
  await rm(root, { recursive: true });
});

const folder = () => join(root, 'images1024x1024/00000');

/** Another worker process of this host, which hangs: process 1 lives as long as the machine. */
const hung = () => new WriterProcess(workerIdentity().replace(/^\d+@/, '1@'), () => false).beginAttempt();

/** Fetches the picture, in as many attempts as it takes, as Temporal would. Answers how many. `meanwhile`: after its folder was listed. */
async function fetchPicture(meanwhile: () => Promise<void> = async () => {}): Promise<number> {
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, 'r', false);
  const work = activity(downloadDependencies({ sources, verifier }), async (scope, input: RunContext) => {
    const open = async () => {
      await meanwhile();
      return sources.open(request.source, []);
    };
    const maker = new Download(scope, open, request.fetch);
    const bundle = new Bundle(scope, input, {
      ...{ maker, kind: 'images', group: '00000', hasIds: true, slots: new Slots(4) },
    });
    return bundle.settleAll([spec]);
  });
  let heartbeatDetails: unknown;
  for (let attempt = 1; ; attempt++) {
    const environment = new MockActivityEnvironment({ heartbeatDetails, attempt });
    environment.on('heartbeat', (details) => {
      heartbeatDetails = details;
    });
    const input = { store, owner, run: 'r', request };
    const ended: unknown = await environment.run(work, input).catch(() => undefined);
    if (ended === undefined) continue;
    expect((ended as BundleResult).tally).toMatchObject({ doneFiles: 1, failedFiles: 0 });
    expect((await readFile(join(root, spec.path))).equals(bytes)).toBe(true);
    return attempt;
  }
}

const ranges = () => drive.requests.filter(({ answer }) => answer === 'file').map(({ range }) => range);

test('what a hung worker has of a picture is not fetched again', async () => {
  await writeFile(join(folder(), ownedPartial('00000.png', hung())), bytes.subarray(0, 200_000));
  expect(await fetchPicture()).toBe(1);
  expect(ranges()).toEqual(['bytes=200000-']);
});

test.each([SIZE, 100_000])(
  'wrong bytes that a hung worker holds, %s of them, cost one attempt and one fetching: the source is fine',
  async (length) => {
    const wrong = Buffer.from(bytes.subarray(0, length));
    wrong.writeUInt8(wrong.readUInt8(77) ^ 1, 77);
    await writeFile(join(folder(), ownedPartial('00000.png', hung())), wrong);
    expect(await fetchPicture()).toBe(2);
    expect(ranges().at(-1)).toBeUndefined();
    expect(ranges().length).toBeLessThanOrEqual(2);
  },
);

test('what an attempt that overlapped lets go of, after the folder was listed, is not left beside the picture', async () => {
  const late = join(folder(), '00000.png.ffhq-part');
  expect(await fetchPicture(() => writeFile(late, bytes.subarray(0, 1_000)))).toBe(1);
  expect(await readdir(folder())).toEqual(['00000.png']);
});
