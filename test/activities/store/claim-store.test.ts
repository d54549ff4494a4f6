import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asActivityFailure } from '../../../src/activities/failures.ts';
import { claimStore } from '../../../src/activities/store/claim-store.ts';
import { readOwner } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { filesUnder } from '../../support/arrived-files.ts';
import { archiveRequest } from '../../support/request-of.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-claim-'));
});
afterEach(() => rm(root, { recursive: true }));

test('a run whose request holds a secret ends before anything of it is written to the folder', async () => {
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  const input = { store: await ensureStore(root), owner, run: 'r', takeOver: false };
  const source = { name: 'http-mirror', baseUrl: 'https://mirror.example/?token=hunter2' };
  const before = filesUnder(root);
  const failure = await claimStore(
    { storePath: root },
    { ...input, request: { ...archiveRequest, source } },
  ).catch(asActivityFailure);
  expect(failure).toMatchObject({ type: 'Input.Request', nonRetryable: true });
  expect(String(failure)).toContain('FFHQ_TOKENS');
  expect(String(failure)).not.toContain('hunter2');
  expect(filesUnder(root)).toEqual(before);
  expect(await readOwner(root)).toBeUndefined();
});
