/**
 * Fetches, aligns and discards while everything is killed, stopped, cut off, filled up and lied to.
 * npm run bench:chaos -- --kills 1000 --seed 7 [--faces 100] [--pictures 1200] [--log FILE] [--json]
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../contestant.ts';
import { tableOf } from './figures/result.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faces: { type: 'string', default: '100' },
    pictures: { type: 'string', default: '1200' },
    'archive-mib': { type: 'string', default: '24' },
    'seconds-a-file': { type: 'string', default: '12' },
    log: { type: 'string', default: join(root, 'bench/results/chaos.log') },
    json: { type: 'boolean', default: false },
  },
});
mkdirSync(dirname(values.log), { recursive: true });
const log = (line: string) => {
  appendFileSync(values.log, `${line}\n`);
  if (!values.json) console.log(line);
};
// What was started, mounted and laid is taken away, however this ends.
const end = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort(new Error(name)));
const result = await runChaos({
  kills: Number(values.kills),
  seed: Number(values.seed),
  amounts: {
    faces: Number(values.faces),
    pictures: Number(values.pictures),
    archiveBytes: Number(values['archive-mib']) * 1024 ** 2,
  },
  secondsAFile: Number(values['seconds-a-file']),
  signal: end.signal,
  log,
});
console.log(values.json ? JSON.stringify(result, undefined, 2) : `\n${tableOf(result)}`);
process.exitCode = result.violations.length > 0 ? 1 : 0;
