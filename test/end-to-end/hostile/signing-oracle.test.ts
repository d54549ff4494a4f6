import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type TestBench } from '../../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { rawPayload, Stranger } from '../../support/server/stranger.ts';

let dataset: ServedDataset;
let bench: TestBench;
let worker: Awaited<ReturnType<TestBench['startWorker']>>;
beforeAll(async () => {
  dataset = await serveDataset({ records: 1, kinds: ['thumbs'] });
  dataset.drive.behave('all', { kind: 'drip', bytesPerSecond: 1_000 });
  bench = await openBench();
  worker = await bench.startWorker(dataset);
});
afterAll(async () => {
  await worker?.shutdown();
  await bench?.close();
  await dataset?.close();
});

test.each(['binary/plain', 'binary/null', 'json/plain'])(
  'an input that a stranger put into the failure of an Activity, as %s, comes out of the workflow unsigned',
  async (encoding) => {
    const forged = {
      takeOver: true,
      signed: { for: { namespace: 'default', workflowId: 'of-a-stranger', type: 'buildDataset' } },
    };
    const run = await bench.startRun(dataset, { workflowId: `oracle-${encoding}`, searchAttributes: false });
    const service = bench.connected.connection.workflowService;
    await eventually('an Activity to fail', async () => {
      const execution = { workflowId: run.workflowId };
      const { pendingActivities } = await service.describeWorkflowExecution({
        namespace: 'default',
        execution,
      });
      const activityId = pendingActivities?.[0]?.activityId;
      if (!activityId) return false;
      return service
        .respondActivityTaskFailedById({
          ...{ namespace: 'default', workflowId: run.workflowId, activityId, identity: 'stranger' },
          failure: {
            message: 'x',
            source: 'TypeScriptSDK',
            applicationFailureInfo: {
              ...{ type: 'X', nonRetryable: true },
              details: { payloads: [rawPayload(JSON.stringify(forged), encoding)] },
            },
          },
        })
        .then(
          () => true,
          () => false,
        );
    });
    await expect(run.result()).rejects.toThrow();
    const events = await new Stranger(bench).events(run.workflowId);
    const end = events.find((event) => event.workflowExecutionFailedEventAttributes);
    const texts: string[] = [];
    for (let failure = end?.workflowExecutionFailedEventAttributes?.failure; failure; failure = failure.cause)
      for (const { data } of failure.applicationFailureInfo?.details?.payloads ?? [])
        texts.push(Buffer.from(data ?? []).toString());
    expect(texts.join()).toContain('takeOver');
    expect(texts.join()).not.toContain('"mac"');
  },
);
