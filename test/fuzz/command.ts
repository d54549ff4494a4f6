/** Tries every law of what comes in, for as long as there is time: `npm run fuzz -- --minutes 10`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { allLaws } from './all-laws.ts';
import { watchOver } from './hang-watch.ts';
import type { Law } from './law.ts';

const help = `npm run fuzz -- [flags]

  --minutes N       for all laws together (default 5)
  --only NAME       this law alone: ${allLaws.map(({ name }) => name).join(', ')}
  --seed N          the same cases as another time
`;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    only: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (flags.help) console.log(help);
else process.exitCode = await tryAll();

async function tryAll(): Promise<number> {
  const minutes = numberOf('--minutes', flags.minutes);
  const seed = flags.seed === undefined ? randomInt(2 ** 31) : numberOf('--seed', flags.seed);
  const laws = allLaws.filter(({ name }) => flags.only === undefined || name === flags.only);
  if (laws.length === 0) throw new Error(`--only [${flags.only}]: expected the name of a law; see --help`);
  const time = (minutes * 60_000) / laws.length;
  console.log(`${laws.length} laws, ${(time / 1000).toFixed(0)} s each, seed ${seed}`);
  const broken: string[] = [];
  for (const one of laws) if (!(await tryOne(one, time, seed))) broken.push(one.name);
  console.log(broken.length === 0 ? 'all laws hold' : `broken: ${broken.join(', ')}`);
  return broken.length === 0 ? 0 : 1;
}

async function tryOne(one: Law, time: number, seed: number): Promise<boolean> {
  const again = `--only ${one.name} --seed ${seed}`;
  const watch = watchOver(again);
  const began = performance.now();
  try {
    const { cases, broken } = await one.try({ cases: 2 ** 31 - 1, time, seed, onCase: watch.onCase });
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `${one.name.padEnd(18)} ${String(cases).padStart(8)} cases ${seconds.padStart(5)} s  ${broken ? 'BROKEN' : 'holds'}`,
    );
    if (broken !== undefined) console.log(`again: npm run fuzz -- ${again}\n${broken}\n`);
    return broken === undefined;
  } finally {
    watch.end();
  }
}

function numberOf(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new Error(`${flag} [${text}]: expected a number`);
}
