/**
 * What Temporal costs, and what a second thread brings: the sample maker's pictures aligned by one thread and by two
 * without Temporal, and by the whole command, one after the other. The bare loops have a lane for each thread, or, as a
 * worker has, two of them, so that files are read and written while the threads compute.
 * npm run bench:align-run -- [records] [rounds]
 */
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSample } from '../../src/sample/make-sample.ts';
import { askDatabase, environmentOf, ffhq, root, secondsOfShards } from '../contestant.ts';
import { type Measured, measure, median } from '../measure.ts';
import { emptyFolder } from '../origin.ts';

const [recordsText, roundsText] = process.argv.slice(2);
const records = Number(recordsText ?? 200);
const rounds = Number(roundsText ?? 1);
const THREADS = 2;

const folder = join(homedir(), `.cache/ffhq/bench/sample-${records}`);
await makeSample({ folder, records });
const results: Record<string, number[]> = {};
for (let round = 1; round <= rounds; round++) {
  note('one thread', await bare(1, 1));
  note('two threads', await bare(THREADS, THREADS));
  note('two threads, through Temporal', await ours());
  note('one thread, two lanes', await bare(1, 2));
  note('two threads, four lanes', await bare(THREADS, 2 * THREADS));
}
const seconds = (name: string) => median(results[name] ?? []);
console.log({
  records,
  twoThreadsAgainstOne: seconds('one thread') / seconds('two threads'),
  temporalAgainstBare: seconds('two threads, through Temporal') / seconds('two threads'),
  withTwoLanesAThread: {
    twoThreadsAgainstOne: seconds('one thread, two lanes') / seconds('two threads, four lanes'),
    temporalAgainstBare: seconds('two threads, through Temporal') / seconds('two threads, four lanes'),
  },
});

function note(name: string, { seconds: stage, run }: { seconds: number; run: Measured }): void {
  results[name] = [...(results[name] ?? []), stage];
  const peaks = Object.entries(run.peakMb).map(([process_, mb]) => `${process_} ${mb.toFixed(0)} MB`);
  const cpu = Object.entries(run.cpuSeconds).map(([process_, used]) => `${process_} ${used.toFixed(1)}`);
  console.log(
    `${name}: exit ${run.code}, ${stage.toFixed(1)} s for ${records} pictures, whole command ${run.seconds.toFixed(1)} s, ` +
      `CPU s ${cpu.join(', ')}, peak ${peaks.join(', ')}`,
  );
  if (run.code !== 0) console.log(run.output.slice(-2000));
}

async function bare(threads: number, lanes: number): Promise<{ seconds: number; run: Measured }> {
  const out = await emptyFolder('bare');
  const loop = fileURLToPath(new URL('bare-loop.ts', import.meta.url));
  const command = ['--import', 'tsx', loop, folder, out, String(threads), String(lanes)];
  const run = await measure(process.execPath, command, { cwd: root });
  await rm(out, { recursive: true });
  return { seconds: Number(/seconds ([\d.]+)/.exec(run.output)?.[1]), run };
}

async function ours(): Promise<{ seconds: number; run: Measured }> {
  const out = await emptyFolder('ours');
  const state = await emptyFolder('state');
  const manifest = ['--manifest', join(folder, 'ffhq-dataset-v2.json'), '--license-url', 'none'];
  const align = ['--align', '--source-dir', folder, '--align_threads', String(THREADS)];
  const command = [ffhq, 'run', ...align, ...manifest, '--out', out, '--output', 'json'];
  const run = await measure(process.execPath, command, { env: environmentOf(state) });
  const stage = run.code === 0 ? await askDatabase(state, secondsOfShards) : Number.NaN;
  await rm(out, { recursive: true });
  await rm(state, { recursive: true });
  return { seconds: stage, run };
}
