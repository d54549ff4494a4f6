/** Reads a manifest of 70,000 records (about 255 MB): seconds and memory above the idle worker. npm run bench:manifest */
import { spawn } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeScaleManifest } from '../src/sample/write-scale-manifest.ts';
import { askDatabase, environmentOf, ffhq } from './contestant.ts';
import { lookAt, measure } from './measure.ts';
import { emptyFolder } from './origin.ts';

const RECORDS = 70_000;
const folder = join(homedir(), '.cache/ffhq/bench');
await mkdir(folder, { recursive: true });
const path = join(folder, `manifest-${RECORDS}.json`);
const there = await stat(path).catch(() => undefined);
if (!there) {
  const started = performance.now();
  const { bytes } = await writeScaleManifest({ path, records: RECORDS });
  console.log(`made a manifest of ${bytes} bytes in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

const state = await emptyFolder('state');
const out = await emptyFolder('manifest');
const idle = await idleWorkerMb(state);
const args = [
  ffhq,
  'run',
  '--json',
  '--out',
  out,
  '--manifest',
  path,
  '--license-url',
  'none',
  '--output',
  'json',
];
const run = await measure(process.execPath, args, { env: environmentOf(state) });
const seconds = await askDatabase(state, async ({ client }) => {
  for await (const { workflowId, runId } of client.workflow.list({ query: 'WorkflowType="buildDataset"' })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const read = events?.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'loadManifest',
    );
    const done = events?.find(
      (event) =>
        String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(read?.eventId),
    );
    const at = (event: typeof read) =>
      Number(event?.eventTime?.seconds ?? 0) + Number(event?.eventTime?.nanos ?? 0) / 1e9;
    return at(done) - at(read);
  }
  return Number.NaN;
});
const peak = run.peakMb.node ?? Number.NaN;
console.log(
  `manifest of ${(await stat(path)).size} bytes: exit ${run.code}, read and sliced in ${seconds.toFixed(1)} s, ` +
    `peak ${peak.toFixed(0)} MB, idle worker ${idle.toFixed(0)} MB, ${(peak - idle).toFixed(0)} MB above it`,
);
await rm(out, { recursive: true });
await rm(state, { recursive: true });

/** The same program, waiting for work: its resident set once it has settled. */
async function idleWorkerMb(stateHome: string): Promise<number> {
  const env = environmentOf(stateHome);
  const server = spawn(process.execPath, [ffhq, 'server'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const worker = spawn(process.execPath, [ffhq, 'worker'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let last = 0;
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { rssMb } = lookAt(worker.pid ?? 0) ?? { rssMb: 0 };
    same = Math.abs(rssMb - last) < 2 ? same + 1 : 0;
    last = rssMb;
  }
  for (const process_ of [worker, server]) {
    const ended = new Promise((resolve) => process_.once('exit', resolve));
    process_.kill('SIGTERM');
    await ended;
  }
  return last;
}
