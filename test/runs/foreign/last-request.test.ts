import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastRequest } from '../../../src/runs/foreign/last-request.ts';
import { sign } from '../../../src/signing/signing-codec.ts';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { testKey } from '../../support/test-key.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const request = requestOf({
  kinds: ['images'],
  manifest: { name: 'other', location: 'http://127.0.0.1:9/manifest.json' },
  license: { name: 'url', url: 'http://127.0.0.1:9/latest/meta-data/' },
  source: { name: 'http-mirror', baseUrl: 'http://127.0.0.1:9/' },
  allowedHosts: ['127.0.0.1:9'],
});

/** What is learned of a workflow that somebody started with this input, and with a memo that names the same hosts. */
async function learned(inputFor: (workflowId: string) => unknown) {
  const { client } = bench.connected;
  const workflowId = `ffhq-${randomUUID()}`;
  await client.workflow.start('buildDataset', {
    workflowId,
    taskQueue: bench.taskQueue,
    args: [inputFor(workflowId)],
    memo: { version: 5, request: JSON.stringify(request), out: '/data', storeId: 's' },
  });
  try {
    return await lastRequest(client, workflowId, testKey);
  } finally {
    await client.workflow.getHandle(workflowId).terminate();
  }
}

const signedFor = (workflowId: string) => ({ namespace: 'default', workflowId, type: 'buildDataset' });

test('what a run was asked for is believed where this key signed it', async () => {
  expect(await learned((workflowId) => sign(testKey, { request }, signedFor(workflowId)))).toEqual(request);
});

test.each<[string, (workflowId: string) => unknown]>([
  ['without a signature', () => ({ request })],
  ['with its own word for it', (id) => ({ request, signed: { for: signedFor(id), mac: 'f', isOurs: true } })],
  ['by another key', (id) => sign(Buffer.alloc(32, 'theirs'), { request }, signedFor(id))],
  ['for another folder', () => sign(testKey, { request }, signedFor('ffhq-other'))],
])('a run that anybody may have started %s names no host, whatever its memo says', async (_how, inputFor) => {
  expect(await learned(inputFor)).toBeUndefined();
});

test('of a run that the server does not know nothing is learned', async () => {
  expect(await lastRequest(bench.connected.client, 'ffhq-nobody', testKey)).toBeUndefined();
});
