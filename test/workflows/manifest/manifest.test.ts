import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { officialManifest } from '../../../src/domain/dataset/reference-files.ts';
import type { RunRequest } from '../../../src/domain/run/request.ts';
import type { RunningWorker } from '../../../src/worker.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';

/** A record as the manifest has it, to be spoilt. */
type RawImage = Record<string, unknown>;
type RawRecord = Record<string, RawImage>;
type RawManifest = Record<string, RawRecord>;

let bench: TestBench;
let dataset: ServedDataset;
let worker: RunningWorker;
let folder: string;
let intact: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-manifest-'));
  bench = await openBench();
  dataset = await serveDataset({ records: 4, kinds: ['images', 'thumbs'] });
  worker = await bench.startWorker(dataset);
  intact = await readFile(dataset.sample.manifestPath, 'utf8');
  expect((await (await bench.startRun(dataset)).result()).status).toBe('complete');
});
afterAll(async () => {
  await worker.shutdown();
  await dataset.close();
  await bench.close();
  await rm(folder, { recursive: true });
});

/** What the folder holds of manifests; `current.json` says which of them the pictures belong to. */
async function manifestsOnDisk(): Promise<unknown> {
  return {
    manifest: await readFile(join(dataset.out, 'ffhq-dataset-v2.json'), 'utf8'),
    slices: (await readdir(join(dataset.out, statePaths.manifests))).sort(),
    current: await readFile(join(dataset.out, statePaths.currentManifest), 'utf8'),
  };
}

async function failureOf(request: RunRequest): Promise<ApplicationFailure> {
  const run = await bench.startRun(dataset, { request });
  const error = await run.result().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const activity = (error as WorkflowFailedError).cause;
  expect(activity).toBeInstanceOf(ActivityFailure);
  expect(activity?.cause).toBeInstanceOf(ApplicationFailure);
  return activity?.cause as ApplicationFailure;
}

function edited(edit: (manifest: RawManifest) => void): string {
  const manifest = JSON.parse(intact) as RawManifest;
  edit(manifest);
  return JSON.stringify(manifest);
}

function withImage(key: string, changes: RawImage): () => string {
  return () =>
    edited((manifest) => {
      Object.assign(manifest[key]?.image ?? {}, changes);
    });
}

const MD5 = '0123456789abcdef0123456789abcdef';

const damages: readonly [what: string, text: () => string, message: RegExp][] = [
  [
    'truncated',
    () => intact.slice(0, -100),
    /expected a JSON object of records, got a file that ends in the middle/,
  ],
  ['empty', () => '', /got an empty file/],
  ['not JSON', () => 'ffhq', /about byte 4\]: expected a JSON object of records/],
  ['an array', () => `[${intact}]`, /expected a JSON object of records, got an array/],
  ['HTML', () => '<!DOCTYPE html><html><body>Sign in</body></html>', /expected a JSON object of records/],
  ['without records', () => '{}', /expected records, got none/],
  [
    'with keys out of order',
    () => `{"3":${JSON.stringify(JSON.parse(intact)[3])},${intact.trim().slice(1)}`,
    /record 0\]: expected keys to ascend, got 0 after 3/,
  ],
  [
    'with a key that is no id',
    () => `{"007":{},${intact.trim().slice(1)}`,
    /record 007\]: expected a key 0 to 99999/,
  ],
  [
    'with a path that climbs out',
    withImage('2', { file_path: 'images1024x1024/../../etc/passwd.png' }),
    /record 2, field image\.file_path\]: expected a plain path .*got "images1024x1024\/\.\.\/\.\.\/etc/,
  ],
  [
    'with an absolute path',
    withImage('1', { file_path: '/etc/x.png' }),
    /record 1, field image\.file_path\]/,
  ],
  [
    'with a digest that is none',
    withImage('0', { file_md5: MD5.toUpperCase() }),
    /record 0, field image\.file_md5\]: expected 32 lower-case hex digits/,
  ],
  [
    'with a size that is none',
    withImage('0', { file_size: -1 }),
    /record 0, field image\.file_size\]: expected an integer/,
  ],
  [
    'with two contents for one file',
    withImage('3', { file_path: 'images1024x1024/00000/00002.png' }),
    /record 3, file_path images1024x1024\/00000\/00002\.png/,
  ],
];

test.each(damages)(
  'a manifest %s is refused with what is wrong where, and nothing changes',
  async (_, text, message) => {
    const location = join(folder, 'manifest.json');
    await writeFile(location, text());
    const before = await manifestsOnDisk();
    const requests = dataset.drive.requests.length;
    const failure = await failureOf({ ...dataset.request, manifest: { name: 'other', location } });
    expect(failure).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
    expect(failure.message).toMatch(message);
    expect(await manifestsOnDisk()).toEqual(before);
    expect(dataset.drive.requests.length).toBe(requests);
  },
);

test('a manifest of another checksum than the one demanded is refused with both', async () => {
  const before = await manifestsOnDisk();
  const location = join(folder, 'manifest.json');
  await writeFile(location, intact);
  const md5 = MD5 as typeof dataset.sample.manifestMd5;
  const failure = await failureOf({ ...dataset.request, manifest: { name: 'other', location, md5 } });
  expect(failure).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
  expect(failure.message).toContain(`expected MD5 ${MD5}, got ${dataset.sample.manifestMd5}`);
  expect(await manifestsOnDisk()).toEqual(before);
});

test('a host that nobody allowed is refused with its record, and permitted when the user says so', async () => {
  const location = join(folder, 'manifest.json');
  const elsewhere = 'http://127.0.0.1:9/2.png';
  await writeFile(location, withImage('2', { file_url: elsewhere })());
  const request: RunRequest = { ...dataset.request, manifest: { name: 'other', location } };
  const failure = await failureOf(request);
  expect(failure).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
  expect(failure.message).toMatch(
    /record 2, .*expected a URL on an allowed host, got http:\/\/127\.0\.0\.1:9/,
  );
  // Every file is there already, so nobody is asked.
  const allowed = await bench.startRun(dataset, {
    request: { ...request, allowedHosts: ['127.0.0.1:9'] },
  });
  expect((await allowed.result()).status).toBe('complete');
});

test('a kind that the manifest does not have is an error for runs that want it, and none for others', async () => {
  const location = join(folder, 'manifest.json');
  await writeFile(
    location,
    edited((manifest) => {
      delete manifest['1']?.thumbnail;
    }),
  );
  const request: RunRequest = { ...dataset.request, manifest: { name: 'other', location } };
  const failure = await failureOf(request);
  expect(failure).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
  expect(failure.message).toBe(
    'manifest [kind=thumbs, record 1, field thumbnail]: expected an object, got nothing',
  );
  const images = await bench.startRun(dataset, { request: { ...request, kinds: ['images'] } });
  expect((await images.result()).status).toBe('complete');
});

test('an origin that answers HTML, or damage on the way, is healed by the next run', async () => {
  const manifest = dataset.idOf('ffhq-dataset-v2.json');
  const unchecked = { name: 'other' as const, location: dataset.sample.manifestUrl };
  const request: RunRequest = { ...dataset.request, manifest: unchecked, numAttempts: 1 };
  const before = await manifestsOnDisk();
  // With no checksum demanded, damage shows only when it is read.
  dataset.drive.behave(manifest, { kind: 'flip-byte', at: 0 });
  expect(await failureOf(request)).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
  expect(await manifestsOnDisk()).toEqual(before);
  dataset.drive.behave(manifest, undefined);
  expect((await (await bench.startRun(dataset, { request })).result()).status).toBe('complete');
});

test('another manifest that cannot be fetched is refused, and the one that is there does not stand in for it', async () => {
  const before = await manifestsOnDisk();
  const location = 'https://drive.google.com/uc?id=1AnotherManifestThatIsNotThere000';
  const failure = await failureOf({ ...dataset.request, manifest: { name: 'other', location } });
  expect(failure).toMatchObject({ type: 'Input.Manifest', nonRetryable: true });
  expect(failure.message).toContain(location);
  expect(failure.message).toMatch(/expected a manifest, got missing: .*404/);
  expect(await manifestsOnDisk()).toEqual(before);
});

test('where its origin is gone, the manifest that came from there before serves', async () => {
  const manifest = dataset.idOf('ffhq-dataset-v2.json');
  const unchecked = { name: 'other' as const, location: dataset.sample.manifestUrl };
  const request: RunRequest = { ...dataset.request, manifest: unchecked, numAttempts: 1 };
  expect((await (await bench.startRun(dataset, { request })).result()).status).toBe('complete');
  dataset.drive.behave(manifest, { kind: 'missing' });
  const result = await (await bench.startRun(dataset, { request })).result();
  expect(result.progress.kinds.images).toMatchObject({ doneFiles: result.progress.kinds.images?.files });
  dataset.drive.behave(manifest, undefined);
});

test.each([
  ['leads nowhere', () => '/nowhere/manifest.json'],
  ['leads to the right text', () => dataset.sample.manifestPath],
])('a link in the manifest`s place that %s gives way to the manifest that comes', async (_how, target) => {
  const inPlace = join(dataset.out, 'ffhq-dataset-v2.json');
  await rm(inPlace, { force: true });
  await symlink(target(), inPlace);
  const manifest = { ...dataset.request.manifest, md5: dataset.sample.manifestMd5 as Md5 };
  const request = { ...dataset.request, manifest } as RunRequest;
  const run = await bench.startRun(dataset, { request });
  expect((await run.result()).status).toBe('complete');
  expect((await lstat(inPlace)).isFile()).toBe(true);
  expect(await readFile(inPlace, 'utf8')).toBe(intact);
});

test('the official manifest is asked for at Drive', async () => {
  const id = new URL(officialManifest.url).searchParams.get('id');
  const timesAsked = () => dataset.drive.requests.filter(({ query }) => query.id === id).length;
  expect(timesAsked()).toBe(0);
  const run = await bench.startRun(
    { ...dataset, out: join(folder, 'official') },
    { request: { ...dataset.request, manifest: { name: 'official' } } },
  );
  // Nobody has it here.
  await expect(run.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  expect(timesAsked()).toBeGreaterThan(0);
});
