import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { inject } from 'vitest';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { readConfig } from '../../../src/config.ts';
import { rangeFiles } from '../../../src/domain/dataset/reference-files.ts';
import type { BuildDatasetInput, RunResult } from '../../../src/domain/run/workflow-inputs.ts';
import { makeLogger } from '../../../src/logger.ts';
import { sign } from '../../../src/signing/signing-codec.ts';
import { type Connected, connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { type RunningWorker, startWorker, type WorkerOptions } from '../../../src/worker.ts';
import type { buildDataset } from '../../../src/workflows/index.ts';
import { testKey } from '../test-key.ts';
import { servedArchive } from './serve-archive.ts';
import type { ServedDataset } from './serve-dataset.ts';

/** A client of the shared test server and a task queue that no other test uses. */
export interface TestBench {
  readonly connected: Connected;
  readonly taskQueue: string;
  startWorker(
    dataset: Pick<ServedDataset, 'drive'>,
    options?: Partial<WorkerOptions>,
  ): Promise<RunningWorker>;
  startRun(
    dataset: ServedDataset,
    input?: Partial<BuildDatasetInput> & { readonly workflowId?: string },
  ): Promise<WorkflowHandle<typeof buildDataset>>;
  /** Worker, run, result. */
  runToEnd(dataset: ServedDataset, input?: Partial<BuildDatasetInput>): Promise<RunResult>;
  close(): Promise<void>;
}

export async function openBench(): Promise<TestBench> {
  const settings = { ...settingsForAddress(inject('temporalAddress'), 'default'), configured: true };
  const connected = await connectClient(settings);
  const taskQueue = `test-${randomUUID()}`;
  const start = (dataset: Pick<ServedDataset, 'drive'>, options: Partial<WorkerOptions> = {}) =>
    startWorker({
      settings,
      taskQueue,
      config: readConfig({}),
      numThreads: 16,
      alignThreads: 0,
      chunkBytes: 128 * 1024,
      reserveBytes: 0,
      network: { ipv4: false, caCertificates: [] },
      googleOrigin: dataset.drive.origin,
      signingKey: testKey,
      largeFiles: [...rangeFiles, servedArchive],
      logger: makeLogger({ level: process.env.FFHQ_TEST_LOG ?? 'silent' }),
      ...options,
    });
  const startRun: TestBench['startRun'] = async (dataset, { workflowId: wanted, ...input } = {}) => {
    const store = await ensureStore(dataset.out);
    const workflowId = wanted ?? `ffhq-test-${store.id.slice(0, 8)}`;
    const { clusterId, address, namespace } = connected;
    return connected.client.workflow.start<typeof buildDataset>('buildDataset', {
      workflowId,
      taskQueue,
      args: [
        sign(
          testKey,
          {
            store,
            request: dataset.request,
            owner: { workflowId, clusterId, address, namespace },
            takeOver: false,
            searchAttributes: true,
            ...input,
          },
          { namespace, workflowId, type: 'buildDataset' },
        ),
      ],
    });
  };
  return {
    connected,
    taskQueue,
    startWorker: start,
    startRun,
    runToEnd: async (dataset, input) => {
      const worker = await start(dataset);
      try {
        return await (await startRun(dataset, input)).result();
      } finally {
        await worker.shutdown();
      }
    },
    close: () => connected.connection.close(),
  };
}
