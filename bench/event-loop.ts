/**
 * Event-loop delay of a worker that downloads and verifies, or aligns, with all its threads.
 * npm run bench:event-loop -- [images|align] [records]
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ensureStore } from '../src/activities/store/store-identity.ts';
import { readConfig } from '../src/config.ts';
import { defaultAlignOptions } from '../src/domain/align/align-options.ts';
import { parseMd5 } from '../src/domain/dataset/ids.ts';
import type { AlignRequest, RunRequest } from '../src/domain/run/request.ts';
import { makeLogger } from '../src/logger.ts';
import { makeSample } from '../src/sample/make-sample.ts';
import { ensureEmbeddedServer } from '../src/server/embedded-server.ts';
import { sign } from '../src/signing/signing-codec.ts';
import { connectClient, settingsForAddress } from '../src/temporal/connection.ts';
import { startWorker } from '../src/worker.ts';
import type { buildDataset } from '../src/workflows/index.ts';
import { environmentOf } from './contestant.ts';
import { emptyFolder, startOrigin } from './origin.ts';

const alignHow: AlignRequest = {
  options: defaultAlignOptions,
  folder: 'realign1024x1024',
  fileIdentical: false,
  discardOriginals: false,
};
const [what = 'images', recordsText] = process.argv.slice(2);
const isAlign = what === 'align';
const records = Number(recordsText ?? (isAlign ? 200 : 300));
const origin = isAlign ? undefined : await startOrigin('images', records, 1024, 3);
const sample = join(homedir(), `.cache/ffhq/bench/sample-${records}`);
if (isAlign) await makeSample({ folder: sample, records });
const state = await emptyFolder('state');
const out = await emptyFolder('event-loop');
const config = readConfig(environmentOf(state));
const server = await ensureEmbeddedServer({ config, onLine: () => {} });
const settings = settingsForAddress(server.address, server.namespace);
const { client, connection, clusterId, address, namespace } = await connectClient(settings);
const md5 = parseMd5(origin?.manifestMd5 ?? '');
const request: RunRequest = {
  kinds: [isAlign ? 'align' : 'images'],
  manifest: {
    name: 'other',
    location: origin?.manifest ?? join(sample, 'ffhq-dataset-v2.json'),
    ...(md5 ? { md5 } : {}),
  },
  license: { name: 'none' },
  source: { name: 'google-drive' },
  allowedHosts: origin ? [new URL(origin.base).host] : [],
  trust: 'records',
  fetch: 'missing',
  numAttempts: 3,
  ...(isAlign ? { align: { ...alignHow, sourceDir: sample } } : {}),
};
const signingKey = randomBytes(32);
const worker = await startWorker({
  ...{ settings, config, googleOrigin: undefined, network: { ipv4: false, caCertificates: [] } },
  ...{
    taskQueue: 'bench',
    alignThreads: isAlign ? availableParallelism() : 0,
    numThreads: 32,
    chunkBytes: 128 * 1024,
    reserveBytes: 0,
  },
  signingKey,
  logger: makeLogger({ level: 'warn' }),
});
try {
  const store = await ensureStore(out);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const workflowId = `bench-${store.id.slice(0, 8)}`;
  const owner = { workflowId, clusterId, address, namespace };
  const started = performance.now();
  const input = { store, request, owner, takeOver: false, searchAttributes: true };
  const { status } = await client.workflow.execute<typeof buildDataset>('buildDataset', {
    workflowId,
    taskQueue: 'bench',
    args: [sign(signingKey, input, { namespace, workflowId, type: 'buildDataset' })],
  });
  delay.disable();
  const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  console.log(
    `${what}: ${records} files, ${status} in ${((performance.now() - started) / 1000).toFixed(1)} s: ` +
      `event-loop delay p50 ${ms(delay.percentile(50))}, p99 ${ms(delay.percentile(99))}, max ${ms(delay.max)}`,
  );
} finally {
  await worker.shutdown();
  await connection.close();
  await server.release();
  await origin?.close();
  for (const folder of [out, state]) await rm(folder, { recursive: true, force: true });
}
