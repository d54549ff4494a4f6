import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activity } from '../../../../src/activities/activity.ts';
import { Download } from '../../../../src/activities/fetch/download.ts';
import { withinLimits } from '../../../../src/activities/fetch/within-limits.ts';
import type { HeartbeatDetails } from '../../../../src/activities/heartbeat-details.ts';
import { Bundle } from '../../../../src/activities/settle/bundle.ts';
import { makeSourceBook } from '../../../../src/activities/sources/source-book.ts';
import { claim } from '../../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../../src/activities/store/store-identity.ts';
import { VerifyThreads } from '../../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { BundleResult } from '../../../../src/domain/run/activity-inputs.ts';
import type { RunContext } from '../../../../src/domain/run/run.ts';
import { Slots } from '../../../../src/domain/run/slots.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { requestOf } from '../../../support/request-of.ts';
import { downloadDependencies } from '../../fetch/download-dependencies.ts';

const FILES = 250;
const bytes = Buffer.alloc(4_000, 'a licence ');
const specs: readonly FileSpec[] = Array.from({ length: FILES }, (_, at) => ({
  ...{ kind: 'licenses', key: `${at}.txt`, path: `LICENSE-${at}.txt`, url: '' },
  ...{ size: bytes.length, md5: md5Of(bytes) },
}));

let root: string;
let mirror: DriveStandIn;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-bearing-'));
  const files = specs.map(({ key, path }) => [key, fileOfBytes(bytes, { name: key, path })] as const);
  mirror = await startDriveStandIn({ files: new Map(files), bears: 8 });
});
afterEach(async () => {
  await mirror.close();
  await rm(root, { recursive: true });
});

/** One attempt at all files, 32 at a time. */
async function fetchAll(onHeartbeat: (details: HeartbeatDetails) => void = () => {}): Promise<BundleResult> {
  const store = await ensureStore(root);
  const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
  await claim(store, owner, 'r', false);
  const sources = makeSourceBook({ connections: 32, env: {} });
  const verifier = new VerifyThreads(1);
  const source = { name: 'http-mirror', baseUrl: mirror.origin };
  const request = requestOf({
    ...{ kinds: [], manifest: { name: 'official' }, license: { name: 'none' } },
    source,
  });
  const dependencies = downloadDependencies({ sources, verifier, fileSlots: new Slots(32) });
  const work = activity(dependencies, (scope, input: RunContext) =>
    withinLimits(scope, input, ({ asker, slots }) => {
      const maker = new Download(scope, () => sources.open(source, [], asker), 'missing');
      return new Bundle(scope, input, {
        maker,
        kind: 'licenses',
        group: 'files',
        hasIds: false,
        slots,
      }).settleAll(specs);
    }),
  );
  const environment = new MockActivityEnvironment();
  environment.on('heartbeat', onHeartbeat);
  try {
    return await environment.run(work, { store, owner, run: 'r', request });
  } finally {
    await verifier.close();
    await sources.close();
  }
}

test('a source that bears 8 of 32 is asked for 6 to 8 at once, and no file is tried in vain', async () => {
  mirror.behave('all', { kind: 'drip', bytesPerSecond: 20_000 });
  const inFlight: number[] = [];
  const told: HeartbeatDetails[] = [];
  const looking = setInterval(() => {
    inFlight.push(mirror.requests.filter(({ status, closed }) => status === 200 && !closed).length);
  }, 50);
  let result: BundleResult;
  try {
    result = await fetchAll((details) => told.push(details));
  } finally {
    clearInterval(looking);
  }
  expect(result.tally).toMatchObject({ doneFiles: FILES, failedFiles: 0 });
  // While it learns, and when few are left, there are others; and a busy machine does not use what it may.
  expect(Math.max(...inFlight.slice(inFlight.length / 2))).toBeGreaterThanOrEqual(6);
  const refusals = mirror.requests.filter(({ status }) => status === 429).length;
  expect(refusals).toBeLessThan(100);
  const { host } = new URL(mirror.origin);
  const later = told.slice(told.length / 2, -1).map(({ sources }) => sources?.[0]);
  expect(later.length).toBeGreaterThan(0);
  for (const source of later) {
    expect(source?.host).toBe(host);
    expect(source?.most).toBeGreaterThanOrEqual(6);
    // For a moment, again and again, it tries one more.
    expect(source?.most).toBeLessThanOrEqual(9);
  }
  expect(Object.keys(told.at(-2)?.slow ?? {})).toContain('network');
}, 60_000);

test('a source that refuses one alone is left to Temporal: its files wait and are not asked for on and on', async () => {
  mirror.behave('all', { kind: 'status', status: 429 });
  await expect(fetchAll()).rejects.toMatchObject({ type: 'Source.RateLimited' });
  expect(mirror.requests.length).toBeLessThan(FILES * 3);
}, 60_000);
