import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

/** Attempts after which nobody believes any more that the next one helps. */
const PATIENCE = 8;

/** A run cannot go on without somebody's hand. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
}

const nothing = () => {};
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * Tries an Activity again as Temporal would, but without the waits in between. Throws a {@link StuckError} where it is
 * refused, or would be tried for ever.
 */
export async function attempts<Input, Output>(
  name: string,
  activity: (input: Input) => Promise<Output>,
  input: Input,
): Promise<Output> {
  let last: unknown;
  for (let attempt = 1; attempt <= PATIENCE; attempt++) {
    try {
      return await new MockActivityEnvironment({ attempt }, { logger: silent }).run(activity, input);
    } catch (error) {
      if (error instanceof ApplicationFailure && error.nonRetryable)
        throw new StuckError(`${name}: refused: ${error.type}: ${error.message}`);
      last = error;
    }
  }
  const type = last instanceof ApplicationFailure ? `${last.type}: ` : '';
  throw new StuckError(`${name}: tried for ever: ${type}${(last as Error).message}`);
}
