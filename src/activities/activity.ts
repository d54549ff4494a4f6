import { StoreError } from '../domain/failure/store-failure.ts';
import type { RunContext } from '../domain/run/run.ts';
import { checkInput } from '../domain/signing/check-input.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { asActivityFailure, endingSurprises } from './failures.ts';
import { Heartbeat } from './heartbeat.ts';
import type { StoreDoor } from './store/store-door.ts';

/** What one attempt of an Activity works with. */
export interface ActivityScope {
  readonly dependencies: ActivityDependencies;
  /** The dataset folder as this host sees it: the right one, and still this run's. */
  readonly storePath: string;
  readonly heartbeat: Heartbeat;
}

/** What an Activity wants before it begins. */
interface Entry<Input> {
  /** Fields of the input beside those that every Activity is given. */
  readonly needs?: readonly (keyof Input & string)[];
  /** For the Activities that claim and release the store; all others must own it. */
  readonly enter?: (door: StoreDoor, input: Input) => Promise<string>;
}

/**
 * Makes an Activity: it sends heartbeats from its first moment to its last, enters the store, and whatever it throws
 * leaves the building as an ApplicationFailure or a cancellation.
 */
export function activity<Input extends RunContext, Output>(
  dependencies: ActivityDependencies,
  work: (scope: ActivityScope, input: Input) => Promise<Output>,
  { needs = [], enter = (door, input) => door.enter(input) }: Entry<Input> = {},
): (input: Input) => Promise<Output> {
  return async (input) => {
    const heartbeat = Heartbeat.begin();
    try {
      checkInput(input, needs);
      const storePath = await enter(dependencies.door, input);
      if (storePath !== '') heartbeat.noteIn(dependencies.timeline?.of(storePath, input.run));
      return await work({ dependencies, storePath, heartbeat }, input);
    } catch (error) {
      if (error instanceof StoreError) heartbeat.noteFault(error.reason);
      // Told to stop, it fails by that: whatever else it met, the next attempt will meet again.
      heartbeat.throwIfStopped();
      throw endingSurprises(asActivityFailure(error), heartbeat);
    } finally {
      heartbeat.end();
    }
  };
}
