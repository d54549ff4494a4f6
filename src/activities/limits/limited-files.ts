import { Slots } from '../../domain/run/slots.ts';
import { type LookAtRun, RunFlows } from './run-flows.ts';

/** Places for files, and the limits of their runs, as they belong together in one process. */
export interface LimitedFiles {
  readonly fileSlots: Slots;
  readonly flows: RunFlows;
}

/** Files of one process in hand at once, with those that only wait for their turn: each may have a connection. */
export function mostInHand(numThreads: number): number {
  return 2 * numThreads;
}

/**
 * What only waits for its turn, by its run's limits or at a host, counts for nothing: others go on at their full number.
 *
 * @param numThreads files at work in this process at once; with those that wait {@link mostInHand}
 * @param onUnknown a run goes on without limits, because its server did not tell of them
 */
export function makeLimitedFiles(
  numThreads: number,
  look: LookAtRun,
  onUnknown?: (workflowId: string) => void,
): LimitedFiles {
  const flows = new RunFlows(look, () => fileSlots.look(), onUnknown, numThreads);
  const fileSlots = new Slots(() => Math.min(mostInHand(numThreads), numThreads + flows.waiting));
  return { fileSlots, flows };
}
