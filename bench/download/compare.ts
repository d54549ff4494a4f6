/**
 * Downloads of many small or some larger pictures from nginx on loopback: this project (embedded server and worker),
 * a bare loop, and NVIDIA's script, one after the other, the same origin. See bench/README.md.
 *
 *   npm run bench:download -- thumbs|images [records] [--rounds N] [--only ours,bare,reference]
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connected } from '../../src/temporal/connection.ts';
import { askDatabase, environmentOf, ffhq, root, secondsOfShards } from '../contestant.ts';
import { type Measured, measure, median } from '../measure.ts';
import { emptyFolder, type Origin, startOrigin } from '../origin.ts';

const sets = {
  thumbs: { records: 70_000, side: 128, noiseBits: 4, field: 'thumbnail', flag: '--thumbs' },
  images: { records: 1_000, side: 1024, noiseBits: 3, field: 'image', flag: '--images' },
} as const;
type SetName = keyof typeof sets;

const args = process.argv.slice(2);
const option = (name: string, byDefault: string) => {
  const at = args.indexOf(`--${name}`);
  return at === -1 ? byDefault : (args[at + 1] ?? byDefault);
};
const setName: SetName = args[0] === 'images' ? 'images' : 'thumbs';
const set = sets[setName];
const records = Number(args[1] ?? '') || set.records;
const rounds = Number(option('rounds', '1'));
const only = option('only', 'ours,bare,reference').split(',');

/** Removed at the end: for a minute after files went, ext4 spends as much on a new one as the rest of its making costs. */
const left: string[] = [];

interface Row extends Measured {
  readonly events?: string;
  readonly fetchSeconds?: number;
}

async function ours(origin: Origin): Promise<Row> {
  const out = await emptyFolder('ours');
  const state = await emptyFolder('state');
  const command = [
    ...[
      ffhq,
      'run',
      set.flag,
      '--out',
      out,
      '--manifest',
      origin.manifest,
      '--manifest-md5',
      origin.manifestMd5,
    ],
    ...['--allow-host', new URL(origin.base).host, '--license-url', 'none', '--output', 'json'],
  ];
  const run = await measure(process.execPath, command, { env: environmentOf(state) });
  const events = run.code === 0 ? await askDatabase(state, countEvents) : undefined;
  const fetchSeconds = run.code === 0 ? await askDatabase(state, secondsOfShards) : Number.NaN;
  if (run.code === 0) {
    // The same command again: everything is there and recorded.
    const again = await measure(process.execPath, command, { env: environmentOf(state) });
    const plan = await askDatabase(state, secondsOfPlan);
    console.log(
      `        again: exit ${again.code}, ${again.seconds.toFixed(1)} s for the whole command, ${cpuText(again)}, plan known after ${plan}`,
    );
  }
  left.push(out, state);
  return { ...run, fetchSeconds, ...(events === undefined ? {} : { events }) };
}

function cpuText({ cpuSeconds }: Measured): string {
  const parts = Object.entries(cpuSeconds).map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`);
  return `CPU s ${parts.join(', ')}`;
}

async function countEvents({ client }: Connected): Promise<string> {
  let all = 0;
  let most = 0;
  for await (const { historyLength } of client.workflow.list()) {
    all += historyLength;
    most = Math.max(most, historyLength);
  }
  return `${all} events, the longest history ${most}`;
}

/** From the start of the newest run to the end of its planRun Activity. */
async function secondsOfPlan({ client }: Connected): Promise<string> {
  for await (const { workflowId, runId, startTime } of client.workflow.list({
    query: 'WorkflowType="buildDataset"',
  })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const planned = events?.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'planRun',
    );
    const done = events?.find(
      (event) =>
        String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(planned?.eventId),
    );
    const at = Number(done?.eventTime?.seconds ?? 0) + Number(done?.eventTime?.nanos ?? 0) / 1e9;
    return `${(at - startTime.getTime() / 1000).toFixed(2)} s`;
  }
  return 'no run found';
}

async function bare(origin: Origin): Promise<Row> {
  const out = await emptyFolder('bare');
  const loop = fileURLToPath(new URL('./bare-loop.ts', import.meta.url));
  const run = await measure(process.execPath, ['--import', 'tsx', loop, origin.manifest, out, set.field], {
    cwd: root,
  });
  left.push(out);
  return run;
}

async function reference(origin: Origin): Promise<Row> {
  const script = process.env.FFHQ_REFERENCE;
  if (script === undefined)
    throw new Error('FFHQ_REFERENCE: expected the path of your copy of download_ffhq.py');
  const out = await emptyFolder('reference');
  const runner = fileURLToPath(new URL('./run_reference.py', import.meta.url));
  const python = process.env.FFHQ_PYTHON ?? 'python3';
  const run = await measure(python, [runner, script, origin.manifest, origin.base, set.flag], { cwd: out });
  left.push(out);
  return run;
}

const contestants = { ours, bare, reference };
const origin = await startOrigin(setName, records, set.side, set.noiseBits);
const rows = new Map<string, Row[]>();
try {
  console.log(
    `${setName}: ${origin.files} files, ${(origin.bytes / origin.files / 1024).toFixed(1)} KiB each, 32 in flight`,
  );
  for (let round = 1; round <= rounds; round++) {
    for (const [name, contestant] of Object.entries(contestants)) {
      if (!only.includes(name)) continue;
      const row = await contestant(origin);
      rows.set(name, [...(rows.get(name) ?? []), row]);
      const peaks = Object.entries(row.peakMb).map(([process_, mb]) => `${process_} ${mb.toFixed(0)} MB`);
      console.log(
        `round ${round} ${name}: exit ${row.code}, ${row.seconds.toFixed(1)} s${row.fetchSeconds === undefined ? '' : ` (${row.fetchSeconds.toFixed(1)} s from the first shard to the last)`}, ${(origin.files / row.seconds).toFixed(0)} files/s, ` +
          `${cpuText(row)}, peak ${peaks.join(', ')}${row.events ? `, ${row.events}` : ''}`,
      );
      if (row.code !== 0) console.log(row.output.slice(-2000));
    }
  }
} finally {
  await origin.close();
  for (const folder of left) await rm(folder, { recursive: true });
}
const seconds = (name: string) => median((rows.get(name) ?? []).map((row) => row.seconds));
const summary = {
  set: setName,
  records,
  ...Object.fromEntries([...rows.keys()].map((name) => [name, seconds(name)])),
  wallAgainstBare: seconds('ours') / seconds('bare'),
  fetchStageAgainstBare:
    median((rows.get('ours') ?? []).map((row) => row.fetchSeconds ?? Number.NaN)) / seconds('bare'),
  filesPerSecondAgainstReference: seconds('reference') / seconds('ours'),
};
console.log(summary);
await mkdir(join(root, 'bench/results'), { recursive: true });
await writeFile(
  join(root, 'bench/results', `download-${setName}.json`),
  `${JSON.stringify(summary, null, 2)}\n`,
);
