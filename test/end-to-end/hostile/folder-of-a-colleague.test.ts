import { readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Seal } from '../../../src/activities/records/seal.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { byteRequests, expectAllArrived, flagsFor } from '../../support/arrived-files.ts';
import { type Canary, makeCanary } from '../../support/canary.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { User } from '../../support/processes.ts';
import { testKey } from '../../support/test-key.ts';

/*
 * A folder that somebody else filled, by a key of their own, and into which they put what they like: it comes by a share
 * or a tarball, and the user gives commands in it.
 */

let canary: Canary;
let dataset: ServedDataset;
let bench: TestBench;
beforeAll(async () => {
  canary = makeCanary();
  dataset = await serveDataset({ records: 4 });
  bench = await openBench();
  const run = await bench.runToEnd(dataset);
  expect(run.status).toBe('complete');
});
afterAll(async () => {
  await bench?.close();
  await dataset?.close();
  canary?.remove();
});

const inFolder = (path: string) => join(dataset.out, path);
const forged = 'images1024x1024/00000/00001.png';
const linked = 'thumbnails128x128/00000/00002.png';

/** A picture of other bytes, with a record of the colleague's that vouches for them. */
async function forgeRecord(): Promise<void> {
  const path = inFolder(forged);
  const { size } = statSync(path);
  writeFileSync(path, Buffer.alloc(size, 'x'));
  const { mtimeNs } = statSync(path, { bigint: true });
  const md5 = [...dataset.sample.files.values()].find(({ filePath }) => filePath === forged)?.md5 as Md5;
  const record = {
    file: forged,
    size,
    mtime: String(mtimeNs),
    run: 'r',
    at: new Date().toISOString(),
    how: 'stored',
    md5,
  } as const;
  await new VerifiedLog('colleague', new Seal(testKey)).append(dataset.out, 'images', '00000', {
    ...record,
    turn: 99,
  });
}

/** Slices that lead out of the folder, as whole as the summary beside them says. */
function forgeSlices(): void {
  const root = inFolder(`${statePaths.manifests}/${dataset.sample.manifestMd5}`);
  const slice = join(root, 'thumbs/00000.jsonl');
  const lines = readFileSync(slice, 'utf8').trimEnd().split('\n');
  const { pixels: _, ...spec } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  lines[0] = JSON.stringify({ ...spec, path: '../../home/.profile' });
  const text = `${lines.join('\n')}\n`;
  writeFileSync(slice, text);
  const summary = JSON.parse(readFileSync(join(root, 'summary.json'), 'utf8')) as {
    mac: string;
    kinds: { thumbs: { folders: { md5: string }[] } };
  };
  const [folder] = summary.kinds.thumbs.folders;
  if (folder) folder.md5 = md5Of(Buffer.from(text));
  const { mac: _mac, ...said } = summary;
  // By the colleague's own key, which makes it as right as it can be.
  writeFileSync(
    join(root, 'summary.json'),
    new Seal(testKey).close(`slices ${dataset.sample.manifestMd5}`, JSON.stringify(said)),
  );
}

/** A server that has no business with anybody, as a metadata service has not; answers how often it was asked. */
async function bait() {
  let connections = 0;
  const server = createServer((_, answer) => answer.end('secret'));
  server.on('connection', () => connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => connections };
}

test('verify --repair contacts nobody whom only the folder names, ends with 2, and prints the flags that name them', async () => {
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const { origin, asked } = await bait();
  const card = inFolder(statePaths.currentManifest);
  const before = readFileSync(card, 'utf8');
  const said = JSON.parse(before) as { request: object };
  const request = {
    ...said.request,
    manifest: { name: 'other', location: `${origin}/manifest.json` },
    license: { name: 'url', url: `${origin}/latest/meta-data/` },
    source: { name: 'http-mirror', baseUrl: `${origin}/` },
    allowedHosts: [new URL(origin).host],
  };
  const requests = dataset.drive.requests.length;
  // By the colleague's mark, which is not this user's.
  writeFileSync(card, JSON.stringify({ ...said, request }));
  rmSync(inFolder(linked));
  const looked = await user.run(['verify', '--repair', '--out', dataset.out]);
  expect(looked.code, looked.output).toBe(2);
  for (const word of ['--manifest', '--license-url', '--source', '--allow-host', 'FFHQ_KEY_FILE'])
    expect(looked.output).toContain(word);
  expect(asked()).toBe(0);
  expect(dataset.drive.requests.length).toBe(requests);

  // Hosts come from flags alone, also where the folder is gone on with.
  const repaired = await user.run(['verify', '--repair', ...flagsFor(dataset)]);
  expect(repaired.code, repaired.output).toBe(0);
  expect(asked()).toBe(0);
  expectAllArrived(dataset);
  expect(readFileSync(inFolder('LICENSE.txt'), 'utf8')).not.toContain('secret');
  writeFileSync(card, before);
}, 120_000);

test('with planted links, slices, records and a card in it a run does nothing elsewhere, and --manifest-md5 still says what is right', async () => {
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const { origin, asked } = await bait();
  await forgeRecord();
  forgeSlices();
  rmSync(inFolder(linked), { force: true });
  symlinkSync(join(canary.root, 'home/.bashrc'), inFolder(linked));
  symlinkSync(join(canary.root, 'precious'), inFolder('.ffhq/manifest/new-0123456789ab'));
  symlinkSync(join(canary.root, 'home/.profile'), inFolder(statePaths.owner));
  writeFileSync(
    inFolder(statePaths.currentManifest),
    JSON.stringify({
      md5: dataset.sample.manifestMd5,
      request: {
        manifest: { name: 'official' },
        license: { name: 'url', url: origin },
        source: { name: 'http-mirror', baseUrl: origin },
        allowedHosts: [],
      },
      kinds: [],
    }),
  );
  const failures = inFolder(statePaths.allFailures);
  renameSync(failures, `${failures}-kept`);
  symlinkSync(join(canary.root, 'precious'), failures);

  // The user removes what each refusal names.
  for (const [verb, planted] of [
    ['verify', inFolder(statePaths.owner)],
    ['run', failures],
  ] as const) {
    const refused = await user.run([verb, ...flagsFor(dataset)]);
    expect(refused.code, refused.output).toBe(2);
    expect(refused.output).toContain(planted.slice(dataset.out.length));
    expect(refused.output).toMatch(/expected a (folder|file), got a symbolic link/);
    expect(canary.changes()).toEqual([]);
    rmSync(planted);
  }
  const from = dataset.drive.requests.length;
  const run = await user.run(['run', ...flagsFor(dataset)]);
  // In place of a picture a link is a fault of that one: it is named, and left to the user.
  expect(run.code, run.output).toBe(3);
  expect(run.output).toContain('unsafe-path: 00002');
  expect(canary.changes()).toEqual([]);
  expect(asked()).toBe(0);
  const fetched = [...dataset.sample.files.values()]
    .map(({ filePath }) => filePath)
    .filter((path) => path.endsWith('.png') && byteRequests(dataset, path, from).length > 0);
  expect(fetched).toEqual([forged]);
  const differ = [...dataset.sample.files.values()].filter(
    ({ filePath, md5 }) => filePath !== linked && md5Of(readFileSync(inFolder(filePath))) !== md5,
  );
  expect(differ).toEqual([]);
  expect(readdirSync(join(canary.root, 'precious'))).toEqual(['a', 'b']);
}, 120_000);
