/** Event-loop delay of a worker that downloads and decodes with all its threads. npm run bench:event-loop */
import { rm } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ensureStore } from '../src/activities/store/store-identity.ts';
import { readConfig } from '../src/config.ts';
import { parseMd5 } from '../src/domain/ids.ts';
import type { RunRequest } from '../src/domain/request.ts';
import { makeLogger } from '../src/logger.ts';
import { connectClient, settingsForAddress } from '../src/temporal/connection.ts';
import { ensureEmbeddedServer } from '../src/temporal/embedded-server.ts';
import { startWorker } from '../src/worker.ts';
import type { buildDataset } from '../src/workflows/index.ts';
import { environmentOf } from './contestant.ts';
import { emptyFolder, startOrigin } from './origin.ts';

const records = Number(process.argv[2] ?? 300);
const origin = await startOrigin('images', records, 1024, 3);
const state = await emptyFolder('state');
const out = await emptyFolder('event-loop');
const config = readConfig(environmentOf(state));
const server = await ensureEmbeddedServer({ config, onLine: () => {} });
const settings = settingsForAddress(server.address, server.namespace);
const { client, connection, clusterId, address, namespace } = await connectClient(settings);
const md5 = parseMd5(origin.manifestMd5);
const request: RunRequest = {
  kinds: ['images'],
  manifest: { name: 'other', location: origin.manifest, ...(md5 ? { md5 } : {}) },
  license: { name: 'none' },
  source: { name: 'google-drive' },
  allowedHosts: [new URL(origin.base).host],
  trust: 'records',
  fetch: 'missing',
  numAttempts: 3,
};
const worker = await startWorker({
  ...{ settings, config, googleOrigin: undefined },
  ...{ taskQueue: 'bench', alignThreads: 0, numThreads: 32, chunkBytes: 128 * 1024, reserveBytes: 0 },
  logger: makeLogger({ level: 'warn' }),
});
try {
  const store = await ensureStore(out);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const workflowId = `bench-${store.id.slice(0, 8)}`;
  const owner = { workflowId, clusterId, address, namespace };
  const started = performance.now();
  const { status } = await client.workflow.execute<typeof buildDataset>('buildDataset', {
    workflowId,
    taskQueue: 'bench',
    args: [{ store, request, owner, takeOver: false, searchAttributes: true }],
  });
  delay.disable();
  const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  console.log(
    `${records} images of ${(origin.bytes / records / 1e6).toFixed(2)} MB, ${status} in ${((performance.now() - started) / 1000).toFixed(1)} s: ` +
      `event-loop delay p50 ${ms(delay.percentile(50))}, p99 ${ms(delay.percentile(99))}, max ${ms(delay.max)}`,
  );
} finally {
  await worker.shutdown();
  await connection.close();
  await server.release();
  await origin.close();
  for (const folder of [out, state]) await rm(folder, { recursive: true, force: true });
}
