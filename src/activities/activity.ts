import type { RunContext } from '../domain/run/run.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { asActivityFailure } from './failures.ts';
import { checkOwner, writeOwner } from './store/owner.ts';
import { checkStore } from './store/store-identity.ts';

/** How often a run's sign of life in `owner.json` is renewed by one worker process. */
const SIGN_OF_LIFE_MS = 30_000;
const lastSigns = new WeakMap<ActivityDependencies, Map<string, number>>();

/** What every Activity does first: is this the right folder, and does this run still own it? Answers its path here. */
export async function enterStore(dependencies: ActivityDependencies, run: RunContext): Promise<string> {
  const path = dependencies.out ?? run.store.path;
  const store = { path, id: run.store.id };
  await checkStore(store);
  await checkOwner(store, run.owner);
  const signs = lastSigns.get(dependencies) ?? new Map<string, number>();
  lastSigns.set(dependencies, signs);
  if (performance.now() - (signs.get(run.run) ?? Number.NEGATIVE_INFINITY) > SIGN_OF_LIFE_MS) {
    signs.set(run.run, performance.now());
    await writeOwner(store, run.owner, run.run);
  }
  return path;
}

/** How long a look at `owner.json` is good for: a run that lost the folder starts no further file after that. */
const OWNER_LOOK_MS = 2_000;
const lastLooks = new WeakMap<ActivityDependencies, Map<string, { at: number; look: Promise<void> }>>();

/** For Activities that go on for long: throws once another run has taken the folder over. */
export async function stayOwner(
  dependencies: ActivityDependencies,
  run: RunContext,
  path: string,
): Promise<void> {
  const looks = lastLooks.get(dependencies) ?? new Map<string, { at: number; look: Promise<void> }>();
  lastLooks.set(dependencies, looks);
  let last = looks.get(run.run);
  if (last === undefined || performance.now() - last.at > OWNER_LOOK_MS) {
    last = { at: performance.now(), look: checkOwner({ path, id: run.store.id }, run.owner) };
    looks.set(run.run, last);
  }
  await last.look;
}

/** Wraps an Activity so that whatever it throws leaves the building as an ApplicationFailure or a cancellation. */
export function withFailures<Input, Output>(
  activity: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  const wrapped = async (input: Input): Promise<Output> => {
    try {
      return await activity(input);
    } catch (error) {
      throw asActivityFailure(error);
    }
  };
  return wrapped;
}
