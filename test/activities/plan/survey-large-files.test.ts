import { mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { surveyLargeFiles } from '../../../src/activities/plan/survey-large-files.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { NO_FOLDER } from '../../../src/domain/dataset/layout.ts';
import { largeFiles } from '../../../src/domain/dataset/reference-files.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { archiveRequest } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

const FOREIGN = 'w77-0badc0de-abcdef01-0a0b0c0d-9-0';
const r10 = largeFiles.tfrecords.at(-1) ?? expect.fail('expected an archive');
const whole = largeFiles.tfrecords.reduce((sum, { size }) => sum + size, 0);

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'ffhq-test-plan-'));
  await mkdir(join(out, 'tfrecords/ffhq'), { recursive: true });
});
afterEach(() => rm(out, { recursive: true }));

const inFolder = () => readdir(join(out, 'tfrecords/ffhq'));

/** So many bytes, of holes, beside or in the place of the largest archive. */
async function lie(bytes: number, suffix = ''): Promise<string> {
  const path = join(out, `${r10.path}${suffix}`);
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

const survey = (sweeper?: WriterProcess, run = 'r', trust: 'records' | 'contents' = 'records') =>
  surveyLargeFiles({ path: out, verified: new VerifiedLog('', testSeal), sweeper }, 'tfrecords', {
    request: { ...archiveRequest, trust },
    run,
  });

async function vouch(path: string): Promise<void> {
  const { mtimeNs, size } = await stat(path, { bigint: true });
  await new VerifiedLog('w', testSeal).append(out, 'tfrecords', NO_FOLDER, {
    ...{ file: r10.path, size: Number(size), mtime: String(mtimeNs), md5: r10.md5 },
    ...{ how: 'stored', run: 'before', at: '' },
  });
}

test.each([
  ['a dead or a living writer', `.${FOREIGN}.ffhq-part`],
  ['nobody any more', '.ffhq-part'],
])('what %s has of an archive need not be written again', async (_, suffix) => {
  await lie(200e9, suffix);
  expect((await survey()).neededBytes).toBe(whole - 200e9);
});

test('of several parts the largest counts', async () => {
  await lie(200e9, `.${FOREIGN}.ffhq-part`);
  await lie(100e9, '.ffhq-part');
  expect((await survey()).neededBytes).toBe(whole - 200e9);
});

test('what may be the archive counts as that; what cannot be needs all of its room beside it', async () => {
  await lie(r10.size);
  expect((await survey()).neededBytes).toBe(whole - r10.size);
  await lie(r10.size - 1);
  expect((await survey()).neededBytes).toBe(whole);
});

test('beside an archive that is there and verified goes what nobody writes any more, and is counted', async () => {
  await vouch(await lie(r10.size));
  const stale = await lie(1_000, `.${FOREIGN}.ffhq-part`);
  const then = new Date(Date.now() - 310_000);
  await utimes(stale, then, then);
  await lie(500, '.ffhq-part');
  const fresh = await lie(10, `.${FOREIGN.replace('w77', 'w78')}.ffhq-part`);
  const me = new WriterProcess(workerIdentity(), () => false);
  // Only looking, and what this run must verify first, leave everything as it is.
  expect((await survey()).tally.swept).toBeUndefined();
  expect((await survey(me, 'r', 'contents')).tally.swept).toBeUndefined();
  expect((await survey(me)).tally).toMatchObject({ doneFiles: 1, swept: { files: 2, bytes: 1_500 } });
  expect((await inFolder()).length).toBe(2);
  expect(await inFolder()).toContain(fresh.slice(fresh.lastIndexOf('/') + 1));
});

test('what lies beside an archive that is not there, or not the one, is kept', async () => {
  await lie(r10.size);
  await lie(500, '.ffhq-part');
  const me = new WriterProcess(workerIdentity(), () => false);
  expect((await survey(me)).tally.swept).toBeUndefined();
  expect((await inFolder()).length).toBe(2);
});
