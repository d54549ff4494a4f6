import type { ActivityDependencies } from '../../../src/activities/dependencies.ts';
import { ProcessorLoad } from '../../../src/activities/limits/processor-load.ts';
import { RunFlows } from '../../../src/activities/limits/run-flows.ts';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { VerifiedLog } from '../../../src/activities/records/verified-records.ts';
import { SpaceGuard } from '../../../src/activities/store/free-space.ts';
import { Hands } from '../../../src/activities/store/hands.ts';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { WriterProcess } from '../../../src/activities/store/writer.ts';
import { PrefixHashes } from '../../../src/activities/verify/prefix-hashes.ts';
import { noLimits } from '../../../src/domain/limits/limits.ts';
import { Slots } from '../../../src/domain/run/slots.ts';
import { workerIdentity } from '../../../src/temporal/identity.ts';
import { noNotices } from '../../support/no-notices.ts';
import { testSeal } from '../../support/test-key.ts';

/** What downloads act with, as a worker process that has just been started has it: no other process is known to be dead. */
export function downloadDependencies(
  given: Pick<ActivityDependencies, 'sources' | 'verifier'> & Partial<ActivityDependencies>,
): ActivityDependencies {
  const writer = new WriterProcess(workerIdentity(), () => false);
  return {
    ...makeManifestCaches(testSeal),
    door: new StoreDoor(undefined),
    alignSlots: new Slots(1),
    fileSlots: new Slots(4),
    flows: new RunFlows(async () => ({ limits: noLimits, workers: [] })),
    load: new ProcessorLoad(),
    space: new SpaceGuard(0),
    notices: noNotices,
    prefixes: new PrefixHashes(given.verifier),
    hands: new Hands(writer, testSeal),
    writer,
    verifiedLog: new VerifiedLog(writer.name, testSeal),
    failureLog: new FailureLog(writer.name, testSeal),
    largeFiles: [],
    chunkBytes: 16_384,
    quotaWaitMs: 60_000,
    ...given,
  };
}
