import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { createActivities } from '../../../src/activities/index.ts';
import type { SourceBook } from '../../../src/activities/sources/source-book.ts';
import { lstatIfThere, seenAs } from '../../../src/activities/store/file-info.ts';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { sourceFailure } from '../../../src/domain/failure/source-failure.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import { downloadDependencies } from '../../activities/fetch/download-dependencies.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';
import { manifest } from './manifest.ts';

const owner = { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' };
const text = JSON.stringify(manifest);
const md5 = md5Of(Buffer.from(text));

/** Nothing is ever there, and nobody is asked. */
const nowhere = {
  name: 'nowhere',
  open: async ({ path }: FileSpec) =>
    ({ status: 'failed', failure: sourceFailure('missing', `open [file=${path}]`) }) as const,
};
const sources: SourceBook = {
  open: async () => nowhere,
  namedUrl: async () => nowhere,
  waiting: () => [],
  rest: () => {},
  lookAtCredentials: async () => ({ problem: undefined, note: undefined }),
  close: async () => {},
};
/** No file is there to be verified; whether one is, it tells. */
const verifier = {
  look: (paths: readonly string[]) => Promise.all(paths.map(lookAt)),
} as unknown as VerifyThreads;

async function lookAt(path: string) {
  const info = await lstatIfThere(path);
  return info && seenAs(info);
}

const names = [
  'claimStore',
  'loadManifest',
  'planRun',
  'planShard',
  'fetchBundle',
  'fetchRange',
  'writeReport',
  'releaseStore',
] as const;

/**
 * Inputs that somebody with the key made, or that a result of somebody without it found its way into: whatever an Activity is
 * given, it ends, by a failure that says why, and does nothing outside of its folder.
 */
export const activities = law(
  'activities',
  12,
  fc.record({
    json: hostileJson(2),
    steps: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
  }),
  async ({ json, steps }, { store }) => {
    rmSync(join(store, 'out'), { recursive: true, force: true });
    const ref = await ensureStore(join(store, 'out'));
    const location = join(store, 'manifest.json');
    writeFileSync(location, text);
    mkdirSync(join(store, 'out', 'images1024x1024'), { recursive: true });
    await claim(ref, owner, 'run', false);
    const kinds = { images: { ...emptyTally, files: 3, failedFiles: 1 } };
    const valid = {
      ...{ store: ref, owner, run: 'run', takeOver: false },
      request: requestOf({
        ...{ kinds: ['images', 'wilds', 'align'], manifest: { name: 'other', location, md5 } },
        ...{ license: { name: 'none' }, align: alignByDefault, ids: '0-9', idsOf: { images: '3' } },
      }),
      ...{ kind: 'images', folder: '00000', manifestMd5: md5, settledIds: '' },
      manifest: { md5, records: 3, bytes: text.length },
      files: { kind: 'images', folder: '00000', ids: '3,7', manifestMd5: md5 },
      file: { kind: 'tfrecords', key: 'ffhq-r10' },
      ...{ end: 1_000, findForeign: true, failure: 'quota' },
    };
    const { progress: _, ...input } = parsed(textOf(valid, json)) ?? {};
    const progress = { stage: 'report', paused: false, at: '', kinds, waits: [], children: [] };
    const all = createActivities(downloadDependencies({ sources, verifier })) as unknown as Record<
      string,
      (given: unknown) => Promise<unknown>
    >;
    for (const step of ['loadManifest', ...steps]) {
      const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
      const work = all[step];
      // The folder's manifest is there, whatever becomes of this input.
      const given =
        step === 'loadManifest' && !steps.includes('loadManifest') ? valid : { ...input, progress };
      const failure: unknown = await environment.run(work as never, given as never).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (
        failure === undefined ||
        (failure instanceof ApplicationFailure && failure.type !== 'Internal.unexpected')
      )
        continue;
      throw new Error(
        `${step}: expected a failure that says why, got ${failure instanceof Error ? failure.stack : failure}`,
      );
    }
  },
);

function parsed(from: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(from);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
