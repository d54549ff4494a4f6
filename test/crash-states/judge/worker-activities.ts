import { createActivities, createAlignActivities } from '../../../src/activities/index.ts';
import { ProcessorLoad } from '../../../src/activities/limits/processor-load.ts';
import { RunFlows } from '../../../src/activities/limits/run-flows.ts';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { makeSourceBook } from '../../../src/activities/sources/source-book.ts';
import { SpaceGuard } from '../../../src/activities/store/free-space.ts';
import { Hands } from '../../../src/activities/store/hands.ts';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { PrefixHashes } from '../../../src/activities/verify/prefix-hashes.ts';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import type { LargeFileSpec } from '../../../src/domain/dataset/reference-files.ts';
import { noLimits } from '../../../src/domain/limits/limits.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { isDeadProcessOfThisHost, workerIdentity } from '../../../src/temporal/identity.ts';
import { noNotices } from '../../support/no-notices.ts';
import { testSeal } from '../../support/test-key.ts';
import { RememberingPool } from './remembering-pool.ts';

export type AllActivities = ReturnType<typeof createActivities> & ReturnType<typeof createAlignActivities>;

/** Threads that many workers share. */
export class Threads {
  readonly verifier = new VerifyThreads();
  readonly pool = new RememberingPool(1);

  async close(): Promise<void> {
    await this.verifier.close();
    await this.pool.close();
  }
}

/** A worker's Activities without a server. */
export interface Worker {
  readonly activities: AllActivities;
  close(): Promise<void>;
}

/** As a worker process that has just been started has them; it sees every dataset folder at `out`. */
export function newWorker(
  out: string,
  googleOrigin: string,
  { verifier, pool }: Threads,
  archive?: LargeFileSpec,
): Worker {
  const writer = new WriterProcess(workerIdentity(), isDeadProcessOfThisHost);
  const sources = makeSourceBook({ connections: 8, googleOrigin, env: {} });
  const dependencies = {
    ...makeManifestCaches(testSeal),
    door: new StoreDoor(out),
    sources,
    notices: noNotices,
    verifier,
    prefixes: new PrefixHashes(verifier),
    fileSlots: new Slots(8),
    flows: new RunFlows(async () => ({ limits: noLimits, workers: [] })),
    load: new ProcessorLoad(),
    alignSlots: new Slots(2),
    space: new SpaceGuard(0),
    writer,
    hands: new Hands(writer, testSeal),
    verifiedLog: new VerifiedLog(writer.name, testSeal, (name) => writer.isOtherAndGone(name)),
    failureLog: new FailureLog(writer.name, testSeal),
    chunkBytes: 4096,
    largeFiles: archive ? [archive] : [],
    quotaWaitMs: 60_000,
  };
  return {
    activities: { ...createActivities(dependencies), ...createAlignActivities(dependencies, pool) },
    close: async () => {
      await dependencies.hands.close();
      await sources.close();
    },
  };
}
