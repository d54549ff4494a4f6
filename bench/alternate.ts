/**
 * Two checkouts of this project, measured alternately in one sitting by their own benches: medians of processor seconds
 * and of wall seconds, and the new one's as a share of the old one's. See bench/README.md.
 *
 *   npm run bench:alternate -- <old checkout> [thumbs,images,verify,align,recovery] [--rounds N] [--size N]
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSample } from '../src/sample/make-sample.ts';
import { root } from './contestant.ts';
import { measure, median } from './measure.ts';

interface Bench {
  /** `size`: what `--size` says, or the usual. */
  readonly command: (size: number) => readonly string[];
  readonly size: number;
  readonly rounds: number;
  /** Seconds, from what the bench prints; undefined where it does not measure that. */
  readonly read: (printed: string, wholeCommand: number) => Figures;
}

interface Figures {
  readonly cpu?: number;
  readonly wall?: number;
}

const download = (set: string, size: number): Bench => ({
  command: (records) => ['bench/download/compare.ts', set, String(records), '--only', 'ours'],
  size,
  rounds: 5,
  read: (printed) => {
    const line = theOne(printed, /^round 1 ours: exit 0, .*$/gm);
    const used = theOne(line, /CPU s .*?, peak/g).matchAll(/ (\d+\.\d)(?=,)/g);
    return {
      wall: Number(/exit 0, ([\d.]+) s/.exec(line)?.[1]),
      cpu: [...used].reduce((sum, [, seconds]) => sum + Number(seconds), 0),
    };
  },
});

const sample = join(homedir(), '.cache/ffhq/bench/sample');

const benches: Readonly<Record<string, Bench>> = {
  thumbs: download('thumbs', 20_000),
  images: download('images', 1_000),
  // Seconds for a thousand pictures.
  verify: {
    command: (rounds) => ['bench/verify/compare.ts', sample, String(rounds)],
    size: 5,
    rounds: 5,
    read: (printed) => {
      const line = theOne(printed, /^ours: .*$/gm);
      return {
        wall: 1000 / Number(/(\d+) verified/.exec(line)?.[1]),
        cpu: Number(/([\d.]+) ms of CPU/.exec(line)?.[1]),
      };
    },
  },
  // Processor seconds are the sum over the pictures of each one's median; wall is the whole command's.
  align: {
    command: (rounds) => ['bench/align/compare.ts', sample, String(rounds)],
    size: 3,
    rounds: 2,
    read: (printed, wall) => {
      const each = [...printed.matchAll(/ours (\d+\.\d+) s/g)].map(([, seconds]) => Number(seconds));
      if (each.length === 0) throw new Error(`bench: expected pictures, got:\n${printed}`);
      return { wall, cpu: each.reduce((sum, seconds) => sum + seconds, 0) };
    },
  },
  // Wall is the time to the first new byte.
  recovery: {
    command: () => ['bench/recovery.ts'],
    size: 0,
    rounds: 5,
    read: (printed) => ({
      wall: median([...printed.matchAll(/after ([\d.]+) s/g)].map(([, text]) => Number(text))),
    }),
  },
};

const args = process.argv.slice(2);
const option = (name: string): number | undefined => {
  const at = args.indexOf(`--${name}`);
  return at === -1 ? undefined : Number(args.splice(at, 2)[1]);
};
const [rounds, size] = [option('rounds'), option('size')];
const [oldPath, namesText = Object.keys(benches).join(',')] = args;
if (oldPath === undefined) throw new Error('bench: expected the path of the old checkout');
await makeSample({ folder: sample });
const checkouts = { old: resolve(oldPath), new: root };
type Side = keyof typeof checkouts;
const sides = Object.keys(checkouts) as Side[];
for (const side of sides)
  execFileSync(process.execPath, ['tools/build.mjs', '--if-stale'], { cwd: checkouts[side] });

const rows: object[] = [];
console.log(
  `load ${loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')}`,
);
for (const name of namesText.split(',')) {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`bench [${name}]: expected one of ${Object.keys(benches).join(', ')}`);
  const seen: Record<Side, Figures[]> = { old: [], new: [] };
  for (let round = 1; round <= (rounds ?? bench.rounds); round++) {
    // Who comes first changes, so that what the one before leaves on the disk is met by both.
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      const figures = await once(bench, checkouts[side]);
      seen[side].push(figures);
      console.log(`${name} round ${round} ${side}: cpu ${shown(figures.cpu)}, wall ${shown(figures.wall)}`);
    }
  }
  const row = { bench: name, cpu: compared(seen, 'cpu'), wall: compared(seen, 'wall') };
  rows.push(row);
  for (const what of ['cpu', 'wall'] as const) {
    const { old, new: now, ratio } = row[what];
    if (old !== undefined)
      console.log(`${name} ${what}: old ${shown(old)}, new ${shown(now)}, ratio ${ratio}`);
  }
  await mkdir(join(root, 'bench/results'), { recursive: true });
  await writeFile(join(root, 'bench/results/alternate.json'), `${JSON.stringify(rows, undefined, 2)}\n`);
}
console.log(JSON.stringify(rows));

async function once({ command, size: usual, read }: Bench, checkout: string): Promise<Figures> {
  const env = {
    FFHQ_REFERENCE: 'none',
    FFHQ_PYTHON: fileURLToPath(new URL('./align/no-reference.mjs', import.meta.url)),
  };
  const run = await measure(process.execPath, ['--import', 'tsx', ...command(size ?? usual)], {
    cwd: checkout,
    env: { ...process.env, ...env },
  });
  if (run.code !== 0)
    throw new Error(`bench [${checkout}]: expected exit code 0, got ${run.code}:\n${run.output}`);
  return read(run.output, run.seconds);
}

function compared(seen: Record<Side, readonly Figures[]>, what: keyof Figures) {
  const of = (side: Side) => {
    const values = seen[side].map((figures) => figures[what]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const [old, now] = [of('old'), of('new')];
  return {
    old,
    new: now,
    ratio: old === undefined || now === undefined ? undefined : Number((now / old).toFixed(3)),
  };
}

function shown(seconds: number | undefined): string {
  return seconds === undefined ? '-' : `${seconds.toFixed(2)} s`;
}

function theOne(text: string, pattern: RegExp): string {
  const [found] = text.match(pattern) ?? [];
  if (found === undefined) throw new Error(`bench: expected ${pattern}, got:\n${text}`);
  return found;
}
