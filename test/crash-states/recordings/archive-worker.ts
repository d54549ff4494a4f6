/** Fetches an archive as a worker would; a process of its own, so that it can be traced. */
import type { LargeFileSpec } from '../../../src/domain/dataset/reference-files.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { settleArchive } from '../judge/settle-archive.ts';
import { newWorker, Threads } from '../judge/worker-activities.ts';

interface Asked {
  readonly context: RunContext;
  readonly archive: LargeFileSpec;
  readonly origin: string;
}

const { context, archive, origin } = JSON.parse(process.argv[2] ?? '') as Asked;
const threads = new Threads();
const worker = newWorker(context.store.path, origin, threads, archive);
try {
  await settleArchive(worker.activities, context, archive);
} finally {
  await worker.close();
  await threads.close();
}
