import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import type { ActivityDependencies } from '../../../src/activities/dependencies.ts';
import { fetchRange } from '../../../src/activities/fetch/fetch-range.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { PrefixHashes } from '../../../src/activities/verify/prefix-hashes.ts';
import { type PrefixJob, VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { ownedPartial, releasedPartial } from '../../../src/domain/dataset/partial-name.ts';
import type { RangeResult } from '../../../src/domain/run/activity-inputs.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { archiveSpec } from '../../support/datasets/serve-archive.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { downloadDependencies } from './download-dependencies.ts';

const ID = '1ArchiveArchiveArchiveArchiveArch';
const NAME = 'r00.tfrecords';
const SIZE = 600_000;
const bytes = Buffer.from(Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 8)) & 0xff));

/** Whose whole readings and early ones are counted. */
class CountingThreads extends VerifyThreads {
  readWhole = 0;
  begun = 0;

  override verify(...[spec, path, signal]: Parameters<VerifyThreads['verify']>) {
    this.readWhole++;
    return super.verify(spec, path, signal);
  }

  override beginPrefix(): PrefixJob {
    this.begun++;
    return super.beginPrefix();
  }
}

type Worker = ActivityDependencies & { readonly verifier: CountingThreads };

let root: string;
let drive: DriveStandIn;
let sources: SourceBook;
const threads: CountingThreads[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-prefix-'));
  drive = await startDriveStandIn({ files: new Map([[ID, fileOfBytes(bytes, { name: 'r00' })]]) });
  sources = makeSourceBook({ connections: 4, googleOrigin: drive.origin, env: {} });
});
afterEach(async () => {
  await sources.close();
  await drive.close();
  await rm(root, { recursive: true });
});
afterAll(() => Promise.all(threads.map((each) => each.close())));

const folder = () => join(root, 'tfrecords/ffhq');
const left = () => join(folder(), releasedPartial(NAME));

/** A worker process that has just been started; it knows all others of its host to be dead. */
function newWorker(given: Partial<ActivityDependencies> = {}): Worker {
  const verifier = new CountingThreads(1);
  threads.push(verifier);
  const writer = new WriterProcess(workerIdentity(), () => true);
  const largeFiles = [archiveSpec(ID, `tfrecords/ffhq/${NAME}`, bytes)];
  return { ...downloadDependencies({ sources, verifier, writer, largeFiles, ...given }), verifier };
}

async function fetchUpTo(end: number, worker: Worker): Promise<RangeResult> {
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, 'r', false);
  const file = { kind: 'tfrecords', key: 'r00' } as const;
  const input = { store, owner, run: 'r', request: archiveRequest, file, end };
  return new MockActivityEnvironment().run(activity(worker, fetchRange), input);
}

const thirds = [SIZE / 3, (2 * SIZE) / 3, SIZE];
const isStored = { tally: { doneFiles: 1, fetchedFiles: 1, failedFiles: 0 } };

async function expectRight(): Promise<void> {
  expect(await readdir(folder())).toEqual([NAME]);
  expect((await readFile(join(folder(), NAME))).equals(bytes)).toBe(true);
}

/** By somebody who has the file open. */
async function damage(path: string, at: number): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.write(Buffer.of(bytes.readUInt8(at) ^ 1), 0, 1, at);
  // Later than any write of ours: a file system's clock may stand still for some milliseconds.
  const now = Date.now() / 1000 + 1;
  await handle.utimes(now, now);
  await handle.close();
}

test('an archive that comes in ranges is read back while it comes, so that nothing is left to be read at its end', async () => {
  const worker = newWorker();
  let last: RangeResult | undefined;
  for (const end of thirds) last = await fetchUpTo(end, worker);
  expect(last).toMatchObject(isStored);
  await expectRight();
  expect(worker.verifier).toMatchObject({ begun: 1, readWhole: 0 });
});

test('what a killed worker left is read back by the next one while the rest comes', async () => {
  const killed = new WriterProcess('77@here/0badc0de/0a0b/9', () => false);
  const [, host = '', place = ''] = /^w\d+-([0-9a-f]+)-([^-]+)/.exec(newWorker().writer.name) ?? [];
  const name = killed.beginAttempt().replace(/^w77-[0-9a-f]+-[^-]+/, `w77-${host}-${place}`);
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), ownedPartial(NAME, name)), bytes.subarray(0, 350_000));
  const worker = newWorker();
  expect(await fetchUpTo(SIZE, worker)).toMatchObject(isStored);
  await expectRight();
  expect(drive.requests.at(-1)?.range).toBe('bytes=350000-');
  expect(worker.verifier).toMatchObject({ begun: 1, readWhole: 0 });
});

test('a connection that breaks costs no reading: the hash goes on where the bytes do', async () => {
  const worker = newWorker();
  drive.behave(ID, { kind: 'cut', afterBytes: 250_000, how: 'close', times: 1 });
  await expect(fetchUpTo(SIZE, worker)).rejects.toThrow('other side closed');
  expect(await fetchUpTo(SIZE, worker)).toMatchObject(isStored);
  await expectRight();
  expect(worker.verifier).toMatchObject({ begun: 1, readWhole: 0 });
});

test('a byte that is changed on the disk between two ranges, behind what was hashed, is noticed', async () => {
  const worker = newWorker();
  await fetchUpTo(SIZE / 3, worker);
  await damage(left(), 1_000);
  await fetchUpTo((2 * SIZE) / 3, worker);
  await expect(fetchUpTo(SIZE, worker)).rejects.toThrow('expected file MD5');
  expect(await readdir(folder())).toEqual([]);
});

test('another file in the place of the one that was hashed is read from its beginning', async () => {
  const worker = newWorker();
  await fetchUpTo(SIZE / 3, worker);
  const wrong = Buffer.from(bytes.subarray(0, SIZE / 3));
  wrong[5] = wrong.readUInt8(5) ^ 1;
  await writeFile(`${left()}-other`, wrong);
  await rename(`${left()}-other`, left());
  await expect(fetchUpTo(SIZE, worker)).rejects.toThrow('expected file MD5');
  expect(await readdir(folder())).toEqual([]);
});

test('a byte that is changed behind the last range, before the file has its name, is noticed', async () => {
  const worker = newWorker();
  const changing: PrefixHashes = new PrefixHashes({
    beginPrefix: () => {
      const job = worker.verifier.beginPrefix();
      return {
        ...job,
        digest: async () => {
          const digest = await job.digest();
          const [name = ''] = await readdir(folder());
          await damage(join(folder(), name), 1_000);
          return digest;
        },
      };
    },
  });
  await expect(fetchUpTo(SIZE, { ...worker, prefixes: changing })).rejects.toThrow('expected file MD5');
  expect(await readdir(folder())).toEqual([]);
});

test('what was taken over from a writer who may only have slept is read whole at its end, by whomever, and what that one still writes is noticed', async () => {
  await mkdir(folder(), { recursive: true });
  const foreign = join(folder(), `${NAME}.w77-0badc0de-abcdef01-0a0b0c0d-9-0.ffhq-part`);
  const then = new Date(Date.now() - 310_000);
  for (const isSpoilt of [false, true]) {
    await rm(join(folder(), NAME), { force: true });
    await writeFile(foreign, bytes.subarray(0, 100_000));
    const sleeper = await open(foreign, 'r+');
    await utimes(foreign, then, then);
    await fetchUpTo(SIZE / 3, newWorker());
    expect(await readdir(folder())).toEqual([releasedPartial(NAME, false)]);
    const worker = newWorker();
    await fetchUpTo((2 * SIZE) / 3, worker);
    if (isSpoilt) await sleeper.write(Buffer.alloc(10, 0xff), 0, 10, 100_000);
    await sleeper.close();
    const last = fetchUpTo(SIZE, worker);
    if (isSpoilt) await expect(last).rejects.toThrow('expected file MD5');
    else expect(await last).toMatchObject(isStored);
    expect(worker.verifier).toMatchObject({ begun: 0, readWhole: 1 });
    expect(await readdir(folder())).toEqual(isSpoilt ? [] : [NAME]);
  }
});

test('where two workers take turns, neither reads again and again what the other one brought', async () => {
  const workers = [newWorker(), newWorker()] as const;
  const steps = 12;
  for (let step = 1; step < steps; step++) {
    const at = Math.round((SIZE / steps) * step);
    expect((await fetchUpTo(at, workers[step % 2 === 0 ? 0 : 1])).size).toBe(at);
  }
  expect(await fetchUpTo(SIZE, workers[0])).toMatchObject(isStored);
  await expectRight();
  for (const { verifier } of workers) expect(verifier.begun).toBeLessThanOrEqual(4);
});

test.each(['says something else', 'is gone'])(
  'a thread that %s is not believed: the file is read whole, and is right',
  async (how) => {
    const worker = newWorker();
    const prefixes = new PrefixHashes({
      beginPrefix: () => {
        const job = worker.verifier.beginPrefix();
        return {
          ...job,
          digest: async () => {
            if (how === 'is gone') throw new Error('exit 1');
            return { ...(await job.digest()), md5: '0'.repeat(32) as never };
          },
        };
      },
    });
    expect(await fetchUpTo(SIZE, { ...worker, prefixes })).toMatchObject(isStored);
    await expectRight();
    expect(worker.verifier.readWhole).toBe(1);
  },
);
