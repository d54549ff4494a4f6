import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { writeFolderCard } from '../../../src/activities/manifest/folder-card.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { RunRequest, StoreRef } from '../../../src/domain/run/request.ts';
import { readMemo } from '../../../src/runs/memo.ts';
import { terminateRun } from '../../../src/runs/terminate-run.ts';
import { workflowIdOf } from '../../../src/runs/workflow-id.ts';
import { type Connected, connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { requestOf } from '../../support/request-of.ts';
import { makeTestKeyFile, testSeal } from '../../support/test-key.ts';

const official = requestOf({
  ...{ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } },
  source: { name: 'http-mirror', baseUrl: 'http://mirror.lan/ffhq/' },
  allowedHosts: ['mirror.lan'],
});
const ofSomebody = requestOf({
  ...{ kinds: ['thumbs'], manifest: { name: 'other', location: '/data/faces.json' } },
  license: { name: 'url', url: 'http://somebody.lan/licence' },
  source: { name: 'local-dir', path: '/data/faces' },
  allowedHosts: ['somebody.lan'],
});

let connected: Connected;
beforeAll(async () => {
  connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
});
afterAll(() => connected.connection.close());

let root: string;
let store: StoreRef;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-verify-'));
  store = await ensureStore(join(root, 'out'));
});
afterEach(() => rm(root, { recursive: true }));

/** The folder's card, as runs of these requests leave it, one after the other. */
async function filledBy(...requests: readonly RunRequest[]): Promise<void> {
  await mkdir(dirname(join(store.path, statePaths.currentManifest)));
  for (const request of requests)
    await writeFolderCard(
      store.path,
      md5Of(Buffer.from(JSON.stringify(request.manifest))),
      request,
      testSeal,
    );
}

/** What the run that `ffhq verify` starts is asked for; nobody works on it. */
async function requestOfVerify(...flags: readonly string[]): Promise<RunRequest> {
  const { output } = await giveInProcess(
    ['verify', '--out', store.path, '--address', connected.address, ...flags],
    {
      env: {
        XDG_STATE_HOME: join(root, 'state'),
        XDG_CACHE_HOME: join(root, 'cache'),
        FFHQ_KEY_FILE: makeTestKeyFile(root),
      },
      cwd: root,
      services: { startWorker: () => Promise.reject(new Error('nobody works here')) },
    },
  );
  expect(output).toContain('nobody works here');
  const memo = readMemo(await connected.client.workflow.getHandle(workflowIdOf(store)).describe());
  await terminateRun(connected.client, workflowIdOf(store), 'it was asked for');
  return JSON.parse(memo?.request ?? '') as RunRequest;
}

test('--manifest official looks at the official data as the folder had it: its source, hosts and licence, its kinds', async () => {
  await filledBy(official);
  const { source, license, allowedHosts } = official;
  expect(await requestOfVerify('--manifest', 'official')).toMatchObject({
    ...{ manifest: { name: 'official' }, source, license, allowedHosts },
    ...{ kinds: ['images'], fetch: 'nothing', trust: 'contents' },
  });
});

test('where another manifest has filled the folder since, --manifest official still has its own source and licence, not that one`s', async () => {
  await filledBy(official, ofSomebody);
  const { source, license, allowedHosts } = official;
  expect(await requestOfVerify('--repair', '--manifest', 'official')).toMatchObject({
    ...{ manifest: { name: 'official' }, source, license, allowedHosts },
    ...{ kinds: ['images'], fetch: 'missing' },
  });
});

test('a source and a licence that flags name come before those of the folder', async () => {
  await filledBy(official, ofSomebody);
  const source = ['--source', 'local-dir', '--source-path', '/data/mine'];
  const licence = ['--license-url', 'http://my.lan/licence'];
  expect(await requestOfVerify('--manifest', 'official', ...source, ...licence)).toMatchObject({
    manifest: { name: 'official' },
    source: { name: 'local-dir', path: '/data/mine' },
    license: { name: 'url', url: 'http://my.lan/licence' },
    allowedHosts: ['mirror.lan', 'my.lan:80'],
  });
});
