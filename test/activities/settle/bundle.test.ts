import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { Bundle } from '../../../src/activities/settle/bundle.ts';
import { type FileMaker, failed } from '../../../src/activities/settle/file-maker.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { lstatIfThere, onDisk } from '../../../src/activities/store/file-info.ts';
import { claim } from '../../../src/activities/store/owner.ts';

import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { fileName } from '../../../src/domain/dataset/plain-path.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { findVouchingRecord } from '../../../src/domain/verify/verification-record.ts';
import { requestOf } from '../../support/request-of.ts';
import { downloadDependencies } from '../fetch/download-dependencies.ts';

const bytes = Buffer.from('a picture');
const specs: readonly FileSpec[] = Array.from({ length: 12 }, (_, id) => ({
  ...{ kind: 'images', key: String(id), url: '', size: bytes.length, md5: md5Of(bytes) },
  path: `images1024x1024/00000/${String(id).padStart(5, '0')}.png`,
}));
const request = requestOf({
  ...{ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } },
  numAttempts: 2,
});

let root: string;
let sources: SourceBook;
let verifier: VerifyThreads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-bundle-'));
  sources = makeSourceBook({ connections: 1, googleOrigin: 'http://127.0.0.1:9', env: {} });
  verifier = new VerifyThreads(1);
});
afterEach(async () => {
  await verifier.close();
  await sources.close();
  await rm(root, { recursive: true });
});

/** What becomes of a file: it is made, or cannot be read back, or is read back and wrong, or its connection breaks. */
type Fate = 'made' | 'unreadable' | 'wrong-md5' | 'connection';

function makes(fateOf: (id: number) => Fate): FileMaker<FileSpec> {
  return {
    vouching: findVouchingRecord,
    wanted: (spec) => spec,
    make: async (spec, folder) => {
      const fate = fateOf(Number(spec.key));
      if (fate !== 'made') return failed(fate, `${spec.path}: ${fate}`);
      const path = join(folder.path, fileName(spec.path));
      await writeFile(path, bytes);
      const info = await lstatIfThere(path);
      if (info === undefined) throw new Error('expected the file that was written');
      return { status: 'placed', seen: { ...onDisk(info), md5: md5Of(bytes) } };
    },
  };
}

interface Details {
  readonly waitsSince?: Readonly<Record<string, number>>;
}

/** Attempts of one Activity at all files: each knows what the one before has told. */
async function attemptsOfOne() {
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, 'r', false);
  let attempt = 0;
  let told: Details = {};
  return {
    told: () => told,
    /** So long ago is whatever was told. */
    pass: (minutes: number) => {
      const earlier = Object.entries(told.waitsSince ?? {}).map(([key, at]) => [key, at - minutes * 60_000]);
      told = { ...told, waitsSince: Object.fromEntries(earlier) };
    },
    /** Answers what the attempt answers or throws. */
    next: async (fateOf: (id: number) => Fate): Promise<unknown> => {
      const environment = new MockActivityEnvironment({ heartbeatDetails: told, attempt: ++attempt });
      environment.on('heartbeat', (details: Details) => {
        told = details;
      });
      const work = activity(downloadDependencies({ sources, verifier }), (scope, input: RunContext) =>
        new Bundle(scope, input, {
          ...{ maker: makes(fateOf), kind: 'images', group: '00000', hasIds: true, slots: new Slots(4) },
        }).settleAll(specs),
      );
      return environment.run(work, { store, owner, run: 'r', request }).catch((error: unknown) => error);
    },
  };
}

const waitsForDisk = { type: 'Store.DiskFault', nonRetryable: false };

test('a disk that gives back none of many files is waited for; after ten minutes it is the fault of each', async () => {
  const attempts = await attemptsOfOne();
  for (const minutes of [0, 9]) {
    attempts.pass(minutes);
    expect(await attempts.next(() => 'unreadable')).toMatchObject(waitsForDisk);
  }
  attempts.pass(2);
  expect(await attempts.next(() => 'unreadable')).toMatchObject({ type: 'Bundle.Unfinished' });
  expect(await attempts.next(() => 'unreadable')).toMatchObject({
    tally: { doneFiles: 0, failedFiles: 12 },
    failedIds: '0-11',
  });
});

test('once its files can be read again the wait is over, and a disk that fails later is waited for anew', async () => {
  const attempts = await attemptsOfOne();
  expect(await attempts.next(() => 'unreadable')).toMatchObject(waitsForDisk);
  expect(Object.keys(attempts.told().waitsSince ?? {})).toEqual(['unreadable files']);
  const onFineDisk = await attempts.next((id) => (id === 3 ? 'wrong-md5' : 'connection'));
  expect(onFineDisk).toMatchObject({ type: 'Bundle.Unfinished' });
  expect(attempts.told().waitsSince).toBeUndefined();
  attempts.pass(11);
  expect(await attempts.next(() => 'unreadable')).toMatchObject(waitsForDisk);
  expect(await attempts.next(() => 'made')).toMatchObject({ tally: { doneFiles: 12, failedFiles: 0 } });
});

test('that an earlier attempt stored a file is no sign that the disk gives files back now', async () => {
  const attempts = await attemptsOfOne();
  expect(await attempts.next((id) => (id === 3 ? 'made' : 'connection'))).toMatchObject({
    type: 'Bundle.Unfinished',
  });
  expect(await attempts.next(() => 'unreadable')).toMatchObject(waitsForDisk);
  expect(await attempts.next(() => 'made')).toMatchObject({ tally: { doneFiles: 12, failedFiles: 0 } });
});

test('files of which some can be read and some cannot do not end the wait for the disk', async () => {
  const attempts = await attemptsOfOne();
  expect(await attempts.next(() => 'unreadable')).toMatchObject(waitsForDisk);
  const { waitsSince } = attempts.told();
  await attempts.next((id) => (id === 3 ? 'wrong-md5' : id === 4 ? 'unreadable' : 'connection'));
  expect(attempts.told().waitsSince).toEqual(waitsSince);
});
