/** What `--bwlimit` and `--tpslimit` let through, over two workers, in any 30 s. npm run bench:limits */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTinyDataset } from '../src/sample/make-tiny-dataset.ts';
import { startDriveStandIn } from '../src/stand-in/drive-stand-in.ts';
import { fileOnDisk } from '../src/stand-in/files.ts';
import { environmentOf, ffhq } from './contestant.ts';
import { emptyFolder } from './origin.ts';

const SECONDS = 30;
const SAMPLES = 90;
/** Until both workers know of each other. */
const SETTLE_MS = 5_000;

const origin = await emptyFolder('limits-origin');
// More than a minute and a half at either limit.
const sample = await makeTinyDataset({
  ...{ folder: origin, records: 2_600, kinds: ['images'], pngSize: 160, noiseBits: 8 },
});
const entries = [...sample.files];
const files = new Map(entries.map(([id, { path, size, name }]) => [id, fileOnDisk(path, size, { name })]));
const drive = await startDriveStandIn({ files });
const state = await emptyFolder('state');
const env = { ...environmentOf(state), FFHQ_GOOGLE_ORIGIN: drive.origin };
const started: ChildProcess[] = [];

function give(...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [ffhq, ...words], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  return child;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

async function says(child: ChildProcess, words: string): Promise<void> {
  for await (const text of child.stdout ?? []) if (String(text).includes(words)) break;
  child.stdout?.resume();
}

/** Of each span of 30 s: the least and the most that came, as a share of the limit. */
function shares(counts: readonly number[], limit: number): string {
  const spans = counts.slice(SECONDS).map((count, at) => (count - (counts[at] ?? 0)) / (limit * SECONDS));
  return `${Math.min(...spans).toFixed(3)} to ${Math.max(...spans).toFixed(3)} of the limit`;
}

async function measure(what: string, flags: readonly string[], count: () => number, limit: number) {
  const out = await emptyFolder('limits');
  const run = ['-i', '--out', out, '--license-url', 'none', '--manifest', sample.manifestUrl];
  await ended(give('start', ...run, '--manifest-md5', sample.manifestMd5, '--bundle-files', '50', ...flags));
  const before = count();
  while (count() === before) await sleep(50);
  await sleep(SETTLE_MS);
  const counts: number[] = [];
  for (let sample = 0; sample <= SAMPLES; sample++) {
    counts.push(count());
    await sleep(1_000);
  }
  console.log(`${what}: any ${SECONDS} s of ${SAMPLES}: ${shares(counts, limit)}`);
  await ended(give('cancel', '--force', '--out', out));
}

try {
  await says(give('server'), 'Ctrl-C stops it');
  const workers = [1, 2].map(() => give('worker', '--num_threads', '8', '--reserve', '0'));
  await Promise.all(workers.map((worker) => says(worker, 'worker started')));
  const isFile = ({ path }: { readonly path: string }) => path === '/download';
  const bytes = () => drive.requests.filter(isFile).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  await measure('--bwlimit 1M', ['--bwlimit', '1M'], bytes, 1024 ** 2);
  await measure('--tpslimit 40', ['--tpslimit', '40'], () => drive.requests.length, 40);
} finally {
  for (const child of started) child.kill('SIGINT');
  await Promise.all(started.filter(({ exitCode }) => exitCode === null).map(ended));
  await drive.close();
  await rm(state, { recursive: true, force: true });
}
