import { homedir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { Random } from '../../src/sample/random/random.ts';
import { provideExecutable } from '../../src/server/executable.ts';
import { type Amounts, makeCollection } from './collection.ts';
import { type Result, sumUp } from './figures/result.ts';
import { type Round, runRound } from './round.ts';

export interface ChaosOptions {
  /** SIGKILLs; the other faults come on top. */
  readonly kills: number;
  readonly seed: number;
  readonly amounts: Amounts;
  /** How long a file takes, alone and undisturbed. */
  readonly secondsAFile: number;
  /** A fault that waits for the last one to be over waits no longer. @default 25 */
  readonly patienceSeconds?: number;
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
  /** Where what the origin has is made and kept. @default below ~/.cache/ffhq/bench */
  readonly collectionFolder?: string;
}

const MIB = 1024 ** 2;

/** Rounds, each a whole collection into empty folders, until so many kills have been dealt. */
export async function runChaos(options: ChaosOptions): Promise<Result> {
  const { seed, amounts, log } = options;
  const folder = options.collectionFolder ?? join(homedir(), '.cache/ffhq/bench/chaos');
  log(`seed ${seed}: making what the origin has`);
  const collection = await makeCollection(folder, amounts);
  const { path } = await provideExecutable({ config: readConfig(process.env), onLine: () => {} });
  const bytes = [...collection.files.values()].reduce((sum, { size }) => sum + size, 0);
  const random = new Random(seed);
  const rounds: Round[] = [];
  const kills = () => rounds.reduce((sum, { counts }) => sum + (counts.get('kill') ?? 0), 0);
  while (kills() < options.kills) {
    log(`round ${rounds.length + 1}, after ${kills()} kills`);
    rounds.push(
      await runRound({
        collection,
        executable: path,
        random,
        kills: options.kills - kills(),
        // Everything at once would fit, and aligned pictures beside their originals.
        diskMebibytes: Math.ceil((1.5 * bytes) / MIB) + 32,
        secondsAFile: options.secondsAFile,
        patienceSeconds: options.patienceSeconds ?? 25,
        signal: options.signal ?? new AbortController().signal,
        log,
      }),
    );
  }
  return sumUp(options.seed, rounds);
}
