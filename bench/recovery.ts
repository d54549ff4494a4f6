/** SIGKILL of everything in mid-run, then the command again: seconds until the first new byte. npm run bench:recovery */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTinyDataset } from '../src/sample/make-tiny-dataset.ts';
import { readState, serverFiles } from '../src/server/server-state.ts';
import { startDriveStandIn } from '../src/stand-in/drive-stand-in.ts';
import { fileOnDisk } from '../src/stand-in/files.ts';
import { environmentOf, ffhq } from './contestant.ts';
import { median } from './measure.ts';
import { emptyFolder } from './origin.ts';

const ROUNDS = 5;
const origin = await emptyFolder('recovery-origin');
const sample = await makeTinyDataset({ folder: origin, records: 2_000, kinds: ['images'], pngSize: 128 });
const files = new Map(
  [...sample.files].map(([id, { path, size, name }]) => [id, fileOnDisk(path, size, { name })]),
);
const drive = await startDriveStandIn({ files });
for (const [id, file] of sample.files)
  if (file.name.endsWith('.png')) drive.behave(id, { kind: 'drip', bytesPerSecond: 16_000 });
const out = await emptyFolder('recovery');
const state = await emptyFolder('state');
const served = () =>
  drive.requests.reduce((sum, request) => sum + (request.answer === 'file' ? request.bytesSent : 0), 0);

const start = (): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...[
        ffhq,
        'run',
        '--images',
        '--out',
        out,
        '--manifest',
        sample.manifestUrl,
        '--manifest-md5',
        sample.manifestMd5,
      ],
      ...['--license-url', 'none', '--output', 'json'],
    ],
    { env: { ...environmentOf(state), FFHQ_GOOGLE_ORIGIN: drive.origin }, stdio: 'ignore' },
  );

async function until(condition: () => boolean, seconds: number): Promise<number> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > seconds * 1000)
      throw new Error(`recovery: expected within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return (performance.now() - started) / 1000;
}

function serverPid(): number {
  const server = readState(serverFiles(join(state, 'ffhq')))?.process;
  if (!server) throw new Error('recovery: expected a server, got none');
  return server.pid;
}

const seconds: number[] = [];
let command = start();
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const before = served();
    await until(() => served() > before + 400_000, 90);
    process.kill(serverPid(), 'SIGKILL');
    command.kill('SIGKILL');
    await new Promise((resolve) => command.once('exit', resolve));
    // What was on its way has been counted by now: connections to the dead are closed.
    await until(() => drive.requests.every(({ closed }) => closed), 10);
    const atRestart = served();
    command = start();
    const took = await until(() => served() > atRestart, 60);
    seconds.push(took);
    console.log(`round ${round}: first new byte after ${took.toFixed(1)} s`);
  }
  console.log(
    `median of ${ROUNDS}: ${median(seconds).toFixed(1)} s, worst ${Math.max(...seconds).toFixed(1)} s`,
  );
} finally {
  const ended = new Promise((resolve) => command.once('exit', resolve));
  command.kill('SIGINT');
  await ended;
  await drive.close();
  for (const folder of [origin, out, state]) await rm(folder, { recursive: true, force: true });
}
