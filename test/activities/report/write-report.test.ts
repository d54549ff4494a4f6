import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { activity } from '../../../src/activities/activity.ts';
import type { ActivityDependencies } from '../../../src/activities/dependencies.ts';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { keepPage } from '../../../src/activities/records/kept-pages.ts';
import { writeReport } from '../../../src/activities/report/write-report.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { FileFailure } from '../../../src/domain/failure/file-failure.ts';
import type { ReportInput } from '../../../src/domain/run/activity-inputs.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

test('a failure that an attempt noted after another one had brought the file is not reported; sketches of pages are', async () => {
  const out = await mkdtemp(join(tmpdir(), 'ffhq-test-report-'));
  try {
    const store = await ensureStore(out);
    const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
    await claim(store, owner, 'r', false);
    const failureOf = (kind: 'images' | 'thumbs'): FileFailure => ({
      ...{ kind, key: '0', path: `${kind}/0.png`, outcome: 'unavailable' },
      ...{ reason: 'short-body', detail: 'x', attempts: 10 },
    });
    const log = new FailureLog('w1', testSeal);
    for (const kind of ['images', 'thumbs'] as const)
      await log.append(out, 'r', kind, '00000', [failureOf(kind)]);
    const input: ReportInput = {
      ...{ store, owner, run: 'r', findForeign: false },
      request: requestOf({ kinds: ['images'], manifest: { name: 'official' }, license: { name: 'none' } }),
      manifest: { records: 1, md5: '0'.repeat(32) as never, bytes: 0 },
      progress: {
        ...{ stage: 'report', paused: false, at: '', waits: [], children: [], counted: {} },
        kinds: {
          images: { ...emptyTally, files: 1, doneFiles: 1 },
          thumbs: { ...emptyTally, failedFiles: 1 },
        },
      },
    };
    const dependencies = { door: new StoreDoor(undefined), failureLog: log } as ActivityDependencies;
    const page = await keepPage(out, 'div');
    await new MockActivityEnvironment().run(activity(dependencies, writeReport), input);
    const { failures, pages } = JSON.parse(await readFile(join(out, '.ffhq/report.json'), 'utf8'));
    expect(pages).toEqual([page]);
    expect(await readFile(join(out, '.ffhq/report.txt'), 'utf8')).toContain(`\n${page}\n`);
    expect(failures.map(({ kind }: FileFailure) => kind)).toEqual(['thumbs']);
  } finally {
    await rm(out, { recursive: true });
  }
});
