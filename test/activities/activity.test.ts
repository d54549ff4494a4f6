import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ActivityScope, activity } from '../../src/activities/activity.ts';
import type { ActivityDependencies } from '../../src/activities/dependencies.ts';
import { claim, readOwner } from '../../src/activities/store/owner.ts';
import { StoreDoor } from '../../src/activities/store/store-door.ts';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import { StoreError } from '../../src/domain/failure/store-failure.ts';
import type { RunContext } from '../../src/domain/run/run.ts';
import { archiveRequest } from '../support/request-of.ts';

let root: string;
let context: RunContext;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-activity-'));
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  context = { store: await ensureStore(root), owner, run: 'r', request: archiveRequest };
  await claim(context.store, owner, 'r', false);
});
afterEach(() => rm(root, { recursive: true }));

async function run(
  work: (scope: ActivityScope) => Promise<unknown>,
  given: RunContext = context,
  environment = new MockActivityEnvironment(),
): Promise<unknown> {
  // All that the wrapper itself acts with.
  const dependencies = { door: new StoreDoor(undefined) } as ActivityDependencies;
  return environment.run(activity(dependencies, work), given).catch((error: unknown) => error);
}

test('an Activity works in the folder of its run, and leaves a sign of life there', async () => {
  expect(await run(async ({ storePath }) => storePath)).toBe(context.store.path);
  expect(await readOwner(root)).toMatchObject({ workflowId: 'w', run: 'r' });
});

test('it does not begin in another folder, nor in one that another run owns', async () => {
  let begun = 0;
  const work = async () => begun++;
  const elsewhere = { ...context, store: { ...context.store, id: '0'.repeat(32) } };
  expect(await run(work, elsewhere)).toMatchObject({ type: 'Store.NotMounted', nonRetryable: false });
  await run(async () => {});
  const other = { ...context, owner: { ...context.owner, clusterId: 'another' } };
  expect(await run(work, other)).toMatchObject({ type: 'Store.Owned', nonRetryable: true });
  expect(begun).toBe(0);
});

test('what it throws leaves as a failure that Temporal understands', async () => {
  const thrown = await run(async () => {
    throw new StoreError('disk-full', 'store: expected room, got none');
  });
  expect(thrown).toBeInstanceOf(ApplicationFailure);
  expect(thrown).toMatchObject({ type: 'Store.DiskFull', message: 'store: expected room, got none' });
});

test('told to stop, it ends as stopped, whatever it met at the same moment', async () => {
  const environment = new MockActivityEnvironment();
  const thrown = await run(
    async ({ heartbeat }) => {
      environment.cancel();
      expect(heartbeat.signal.aborted).toBe(true);
      throw new StoreError('disk-full', 'store: expected room, got none');
    },
    context,
    environment,
  );
  expect(thrown).toBeInstanceOf(CancelledFailure);
});

test('what nobody foresaw is tried again, some minutes long; then the Activity ends and says what it was', async () => {
  const surprise = async () => {
    throw new TypeError('undefined is not a function');
  };
  let details: unknown;
  const attempts: unknown[] = [];
  for (let attempt = 1; attempt <= 10; attempt++) {
    const environment = new MockActivityEnvironment({ attempt, heartbeatDetails: details });
    environment.on('heartbeat', (heard: unknown) => {
      details = heard;
    });
    attempts.push(await run(surprise, context, environment));
  }
  expect(attempts.slice(0, 9).every((error) => error instanceof TypeError)).toBe(true);
  expect(attempts[9]).toMatchObject({ type: 'Internal.unexpected', nonRetryable: true });
  expect((attempts[9] as Error).message).toContain('undefined is not a function');
});
