import fc from 'fast-check';
import { watched } from './bounds.ts';
import { type Ground, onGround } from './ground.ts';

/** How a law is tried. */
export interface Trial {
  /** At most so many cases. */
  readonly cases: number;
  /** Milliseconds after which no other case begins. */
  readonly time?: number;
  /** The same seed makes the same cases in the same order. */
  readonly seed?: number;
  /** Hears of each case before it begins. */
  readonly onCase?: () => void;
}

export interface Finding {
  readonly cases: number;
  readonly seed: number;
  /** The smallest case that was found to break the law, and how it does. */
  readonly broken?: string;
}

/** What holds of whatever comes in. A law stands in one place: tests try it on a few cases, `npm run fuzz` for as long as there is time. */
export interface Law {
  /** As `--only` takes it. */
  readonly name: string;
  /** Cases that a test tries. */
  readonly few: number;
  try(trial: Trial): Promise<Finding>;
}

/** A case that breaks a law is shown as far as this. */
const MOST_SHOWN = 4_000;

/** Milliseconds after which a case that waits for something counts as one that never ends. */
const NEVER_ENDS = 30_000;

/**
 * @param few cases that a test tries: together all laws take some seconds
 * @param cases valid things, and what is done to them; small ones first, so that what is found can be made smaller
 * @param holds throws where the law is broken
 */
export function law<Case>(
  name: string,
  few: number,
  cases: fc.Arbitrary<Case>,
  holds: (one: Case, ground: Ground) => void | Promise<void>,
): Law {
  return {
    name,
    few,
    try: ({ cases: numRuns, time, seed, onCase = () => {} }) =>
      onGround(async (ground) => {
        const property = fc.asyncProperty(cases, async (one) => {
          onCase();
          await watched(async () => holds(one, ground));
          ground.expectUntouched();
        });
        const tried = await fc.check(property, {
          ...{ numRuns, timeout: NEVER_ENDS },
          ...(time === undefined ? {} : { interruptAfterTimeLimit: time, markInterruptAsFailure: false }),
          ...(seed === undefined ? {} : { seed }),
        });
        const found = { cases: tried.numRuns, seed: tried.seed };
        if (!tried.failed) return found;
        const how = tried.errorInstance instanceof Error ? tried.errorInstance.stack : tried.errorInstance;
        const shown = fc.stringify(tried.counterexample?.[0]);
        return { ...found, broken: `${shown.slice(0, MOST_SHOWN)}\n${String(how).slice(0, MOST_SHOWN)}` };
      }),
  };
}

/** Milliseconds that a test takes for a law, most of them to make smaller what was found. */
const PATIENCE = 30_000;

/** Of the cases that tests try: the same each time, so that what fails is a change. `npm run fuzz` looks for others. */
const SEED = Number(process.env.FFHQ_TEST_SEED ?? 12);

/** In a test: throws where a law is found to be broken. */
export async function expectLaw(one: Law, cases = one.few): Promise<void> {
  const { broken, seed } = await one.try({ cases, time: PATIENCE, seed: SEED });
  if (broken === undefined) return;
  throw new Error(`${one.name} [--only ${one.name} --seed ${seed}]: ${broken}`);
}
