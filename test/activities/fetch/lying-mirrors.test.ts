import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import { Download } from '../../../src/activities/fetch/download.ts';
import { TwinOriginals } from '../../../src/activities/fetch/twin-originals.ts';
import { Bundle } from '../../../src/activities/settle/bundle.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { BundleResult } from '../../../src/domain/run/activity-inputs.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import { requestOf } from '../../support/request-of.ts';
import { downloadDependencies } from './download-dependencies.ts';

const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
const specs: readonly FileSpec[] = [0, 1, 2, 3, 4, 5].map((id) => ({
  ...{ kind: 'images', key: String(id), url: '', path: `images1024x1024/00000/0000${id}.png` },
  ...{ size: bytes.length, md5: md5Of(bytes) },
}));

let root: string;
let liar: DriveStandIn;
let honest: DriveStandIn;
let sources: SourceBook;
let verifier: VerifyThreads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-lying-'));
  const files = new Map(specs.map(({ key, path }) => [key, fileOfBytes(bytes, { name: key, path })]));
  liar = await startDriveStandIn({ files });
  honest = await startDriveStandIn({ files });
  liar.behave('all', { kind: 'flip-byte', at: 777 });
  sources = makeSourceBook({ connections: 4, env: {} });
  verifier = new VerifyThreads(1);
});
afterEach(async () => {
  await verifier.close();
  await sources.close();
  await liar.close();
  await honest.close();
  await rm(root, { recursive: true });
});

/**
 * One attempt at the pictures, of which one failure is the last.
 *
 * @param twins paths that hold the same bytes; undefined: nobody looks for such
 */
async function attempt(baseUrls: Readonly<Record<string, string>>, twins?: readonly string[]) {
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, 'r', false);
  const source = { name: 'http-mirror', ...baseUrls };
  const request = requestOf({
    ...{ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } },
    ...{ source, numAttempts: 1 },
  });
  let bundle: Bundle<FileSpec> | undefined;
  const dependencies = downloadDependencies({ sources, verifier });
  const md5 = md5Of(bytes);
  await dependencies.twins.get(`slices\n${md5}`, async () => new Map([[md5, twins ?? []]]));
  const work = activity(dependencies, async (scope, input: RunContext) => {
    const open = () => sources.open(request.source, []);
    const copies = new TwinOriginals(scope, { slices: 'slices', md5, kind: 'wilds' });
    const download = new Download(scope, twins ? copies.source(open) : open, request.fetch);
    const maker = twins ? copies.maker(download) : download;
    bundle = new Bundle(scope, input, {
      ...{ maker, kind: 'images', group: '00000', hasIds: true, slots: new Slots(1) },
    });
    return bundle.settleAll(specs);
  });
  const result = await new MockActivityEnvironment().run(work, { store, owner, run: 'r', request });
  return { tally: (result as BundleResult).tally, failures: bundle?.failures ?? [] };
}

test.each([
  ['pictures', undefined],
  ['originals', []],
])('of %s a mirror with wrong bytes costs no file, and is asked less and less', async (_, twins) => {
  const { tally, failures } = await attempt({ baseUrl: liar.origin, baseUrl2: honest.origin }, twins);
  expect(failures).toEqual([]);
  expect(tally).toMatchObject({ doneFiles: specs.length, failedFiles: 0 });
  for (const { path } of specs) expect((await readFile(join(root, path))).equals(bytes)).toBe(true);
  expect(liar.requests.length).toBeLessThan(specs.length / 2 + 1);
  expect(honest.requests.length).toBe(specs.length);
});

test('where every mirror has wrong bytes, each is asked once and named', async () => {
  honest.behave('all', { kind: 'flip-byte', at: 99 });
  const { failures } = await attempt({ baseUrl: liar.origin, baseUrl2: honest.origin });
  expect(failures.map(({ reason }) => reason)).toEqual(specs.map(() => 'wrong-md5'));
  const [hostOfLiar, hostOfHonest] = [liar, honest].map(({ origin }) => new URL(origin).host);
  for (const { detail } of failures)
    expect(detail).toContain(`; asked: ${hostOfLiar} wrong bytes, ${hostOfHonest} wrong bytes`);
  expect([liar, honest].map(({ requests }) => requests.length)).toEqual([specs.length, specs.length]);
});

test('the only mirror there is, is asked once in an attempt', async () => {
  const { failures } = await attempt({ baseUrl: liar.origin });
  expect(failures.length).toBe(specs.length);
  expect(failures[0]?.detail).not.toContain('asked');
  expect(liar.requests.length).toBe(specs.length);
});

test('a twin that is damaged is copied once, and then the file comes of a mirror', async () => {
  const [{ path } = { path: '' }, ...others] = specs;
  const twin = path.replace('00000.png', '00099.png');
  await mkdir(dirname(join(root, twin)), { recursive: true });
  await writeFile(join(root, twin), Buffer.alloc(bytes.length));
  const { tally } = await attempt({ baseUrl: honest.origin }, [path, twin]);
  expect(tally).toMatchObject({ doneFiles: specs.length, failedFiles: 0 });
  expect(honest.requests.length).toBeLessThanOrEqual(others.length + 1);
});

test('a file that is refused is asked for once in an attempt, whether or not it has a twin', async () => {
  honest.behave('all', { kind: 'missing' });
  const { failures } = await attempt(
    { baseUrl: honest.origin },
    specs.map(({ path }) => path),
  );
  expect(failures.map(({ reason }) => reason)).toEqual(specs.map(() => 'missing'));
  expect(honest.requests.length).toBe(specs.length);
});
