/**
 * One large file from the stand-in of Google's API: this project (the whole command, embedded server and worker), aria2
 * and rclone, each undisturbed, and each killed when half of the bytes were sent and started again. See bench/README.md.
 *
 *   npm run bench:large-file -- [--gib 8] [--rounds 1] [--only ours,aria2,aria2-saving,rclone] [--kill half,never]
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeTinyDataset } from '../../src/sample/make-tiny-dataset.ts';
import { root } from '../contestant.ts';
import { FullCache } from '../full-cache.ts';
import { familyOf, type Measured, measure, median } from '../measure.ts';
import { emptyFolder } from '../origin.ts';
import { type Command, type ContestantName, contestants, type Task } from './contestants.ts';
import { Origin } from './origin.ts';

type Kill = 'half' | 'never';

interface Row {
  /** Of all lives together. */
  readonly seconds: number;
  readonly secondsOfLives: readonly number[];
  /** Bytes sent beyond the file's own. */
  readonly twice: number;
  readonly cpu: string;
}

const GIB = 1024 ** 3;
const MB = 1e6;
/** What is wanted of ours after a kill: seconds as a multiple of the faster of the others, and MB sent again. */
const aims = { ratio: 1.1, twiceMb: 16 };

const { values } = parseArgs({
  options: {
    gib: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: Object.keys(contestants).join(',') },
    kill: { type: 'string', default: 'half,never' },
  },
});
const size = Math.round(Number(values.gib) * GIB);
const rounds = Number(values.rounds);
const names = listOf('only', values.only, Object.keys(contestants) as ContestantName[]);
const kills = listOf('kill', values.kill, ['half', 'never']);

function listOf<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = known.find((one) => one === word);
    if (name === undefined) throw new Error(`flag [--${flag}]: expected some of ${known}, got ${word}`);
    return name;
  });
}

async function compete(name: ContestantName, kill: Kill, origin: Origin): Promise<Row> {
  const folder = await emptyFolder(`large-file-${name}`);
  try {
    const sample = await makeTinyDataset({ folder: join(folder, 'sample'), records: 1, kinds: ['thumbs'] });
    const manifest = { path: sample.manifestPath, md5: sample.manifestMd5 };
    const { url, md5 } = origin;
    const task: Task = { origin: url, size, md5, folder, manifest };
    const command = contestants[name](task);
    // What others have left to be written is not this one's.
    await measure('sync', []);
    await cache.fill();
    const before = await origin.settled();
    const lives = kill === 'half' ? [await killedAt(command, origin, before + size / 2)] : [];
    await origin.settled();
    const last = await live(command);
    lives.push(last);
    const sent = (await origin.settled()) - before;
    const { output } = command.isSilent ? await measure('md5sum', [command.file]) : last;
    if (last.code !== 0 || !output.includes(md5))
      throw new Error(`${name}: expected exit 0 and ${md5}, got ${last.code}: ${last.output.slice(-2000)}`);
    const secondsOfLives = lives.map(({ seconds }) => seconds);
    return {
      seconds: secondsOfLives.reduce((sum, seconds) => sum + seconds, 0),
      secondsOfLives,
      twice: sent - size,
      cpu: lives.map(cpuText).join(' | '),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function live(command: Command, onStart: (pid: number) => void = () => {}): Promise<Measured> {
  const { env } = command;
  return measure(command.program, command.args, { onStart, ...(env === undefined ? {} : { env }) });
}

/** SIGKILL to all of it, our embedded server as well. */
async function killedAt(command: Command, origin: Origin, bytes: number): Promise<Measured> {
  let isOver = false;
  let pid = 0;
  const ended = live(command, (started) => {
    pid = started;
  }).then((measured) => {
    isOver = true;
    return measured;
  });
  await Promise.race([origin.reached(bytes), ended]);
  if (isOver) throw new Error(`${command.program}: expected half of the file, got ${(await ended).output}`);
  for (const one of familyOf(pid)) process.kill(one, 'SIGKILL');
  return ended;
}

function cpuText({ cpuSeconds }: Measured): string {
  return Object.entries(cpuSeconds)
    .filter(([, seconds]) => seconds >= 0.1)
    .map(([process_, seconds]) => `${process_} ${seconds.toFixed(1)}`)
    .join(', ');
}

const rows = new Map<string, Row[]>();
const cache = new FullCache(await emptyFolder('large-file-cache'));
console.log(`serving ${values.gib} GiB: their MD5 first`);
const origin = await Origin.start(size);
try {
  for (let round = 0; round < rounds; round++) {
    for (const kill of kills) {
      // Nobody always has the disk that the same one has left.
      for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
        const row = await compete(name, kill, origin);
        rows.set(`${kill} ${name}`, [...(rows.get(`${kill} ${name}`) ?? []), row]);
        const { seconds, secondsOfLives, twice, cpu } = row;
        const parts = secondsOfLives.map((part) => part.toFixed(1)).join(' + ');
        console.log(
          `round ${round + 1}, killed ${kill === 'half' ? 'at half' : 'never'}, ${name}: ${seconds.toFixed(1)} s (${parts}), sent twice ${(twice / MB).toFixed(1)} MB, CPU s ${cpu}`,
        );
      }
    }
  }
} finally {
  await origin.close();
  await cache.close();
}

function sumUp(kill: Kill) {
  const of = (name: ContestantName) => rows.get(`${kill} ${name}`) ?? [];
  const seconds = (name: ContestantName) => median(of(name).map((row) => row.seconds));
  const others = names.filter((name) => name !== 'ours');
  const isCompared = names.includes('ours') && others.length > 0;
  return {
    seconds: Object.fromEntries(names.map((name) => [name, seconds(name)])),
    twiceMb: Object.fromEntries(names.map((name) => [name, median(of(name).map(({ twice }) => twice / MB))])),
    ...(isCompared ? { againstTheFaster: seconds('ours') / Math.min(...others.map(seconds)) } : {}),
  };
}

const summary = {
  bytes: size,
  rounds,
  aims,
  ...Object.fromEntries(kills.map((kill) => [kill === 'half' ? 'killedAtHalf' : 'undisturbed', sumUp(kill)])),
};
console.log(summary);
await mkdir(join(root, 'bench/results'), { recursive: true });
await writeFile(join(root, 'bench/results/large-file.json'), `${JSON.stringify(summary, null, 2)}\n`);
