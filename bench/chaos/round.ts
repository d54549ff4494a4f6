import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/sample/random/random.ts';
import { describeFault, drawStrike } from './faults.ts';
import type { Verdict } from './figures/judge.ts';
import type { ByteCount } from './figures/ledger.ts';
import type { Recovery } from './figures/recoveries.ts';
import { openScene, type SceneOptions } from './scene.ts';
import { watchForStalls } from './stalls.ts';
import { Strikes } from './strikes.ts';
import { Work } from './work.ts';

export interface RoundOptions extends SceneOptions {
  readonly random: Random;
  /** SIGKILLs at most. */
  readonly kills: number;
  /** The next fault does not wait longer for the last one to be over. */
  readonly patienceSeconds: number;
  /** Ends it at once; the reason is thrown when all is taken away. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** What one round came to: everything fetched once, into empty folders, under fire. */
export interface Round {
  /** Faults by kind. */
  readonly counts: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly files: number;
  readonly verdicts: readonly Verdict[];
  readonly bytes: ByteCount;
  readonly recoveries: readonly Recovery[];
  /** Kills that came before bytes flowed after the one before. */
  readonly overtaken: number;
  /** How often a command said success over a folder that was not right. */
  readonly wrongClaims: number;
  /** Commands that ended by themselves without success, by exit code, and were given again. */
  readonly givenAgain: ReadonlyMap<string, number>;
  /** How often nothing moved for minutes although nothing was in the way. */
  readonly stalls: number;
  readonly impossible: readonly string[];
}

const LOOK_MS = 50;

/** Fetches a collection while one thing after another is struck. */
export async function runRound(options: RoundOptions): Promise<Round> {
  const scene = await openScene(options);
  const { ledger, recoveries, origin } = scene;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const log = (line: string) => options.log(`${seconds().toFixed(1).padStart(7)} ${line}`);
  const strikes = new Strikes(scene);
  const work = new Work(scene, options.collection, log);
  let told = 0;
  const looking = setInterval(() => {
    ledger.look();
    recoveries.look();
    for (; told < recoveries.measured.length; told++)
      log(`first new byte after ${recoveries.measured[told]?.seconds.toFixed(1)} s`);
  }, LOOK_MS);
  let isRight = false;
  let giveUp = (): void => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(options.signal.reason);
  });
  options.signal.addEventListener('abort', giveUp);
  try {
    options.signal.throwIfAborted();
    const done = Promise.race([work.begin(), givenUp]);
    done.catch(() => {});
    const stalls = watchForStalls(scene, () => work.isOver, log);
    // What fails is met below; until then it is no surprise to the process.
    stalls.catch(() => {});
    await Promise.race([strikeOn(), done, stalls]);
    await strikes.calm();
    log('calm');
    origin.hurry();
    await Promise.race([done, stalls.then(() => done)]);
    const bytes = ledger.count();
    for (const { file, bytes: again } of bytes.unexplained) log(`fetched twice: ${again} bytes of ${file}`);
    const verdicts = [...work.verdicts.values()];
    isRight =
      work.wrongClaims === 0 &&
      (await stalls) === 0 &&
      verdicts.every(
        ({ wrong, lost, kept, litter }) => wrong.length + lost.length + kept.length + litter.length === 0,
      );
    return {
      counts: strikes.counts,
      seconds: seconds(),
      files: work.files,
      verdicts,
      bytes,
      recoveries: recoveries.measured,
      overtaken: recoveries.overtaken,
      wrongClaims: work.wrongClaims,
      givenAgain: work.givenAgain,
      stalls: await stalls,
      impossible: scene.impossible,
    };
  } finally {
    options.signal.removeEventListener('abort', giveUp);
    clearInterval(looking);
    work.end();
    await strikes.calm();
    if (!isRight) log(`logs of the programs are kept: ${scene.folder}`);
    await scene.close(!isRight);
  }

  /** Until the kills are used up or the work is done. */
  async function strikeOn(): Promise<void> {
    for (let kills = 0; kills < options.kills && !work.isOver; ) {
      const { fault, after, thenMs } = drawStrike(options.random);
      const patience = performance.now() + options.patienceSeconds * 1000;
      const mayWait = () => after === 'recovered' && performance.now() < patience && !work.isOver;
      while (mayWait() && recoveries.look()) await sleep(LOOK_MS);
      await sleep(thenMs);
      if (work.isOver) return;
      const isStruck = strikes.strike(fault);
      log(`${describeFault(fault)}${isStruck ? '' : ' (not now)'}`);
      if (isStruck && fault.kind === 'kill') kills++;
    }
  }
}
