import { setTimeout as delay } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

/** Bundles of one process at the most that have files in hand, or soon will, however small they are. */
const MOST_BUNDLES = 64;

/** Looks again this often while all is busy; `releaseSlot` alone would miss files that finish inside a bundle. */
const LOOK_MS = 50;

/**
 * Lets the worker take another bundle while fewer files wait than it has threads. A fixed number would be wrong both
 * ways: eight bundles of 500 thumbnails are more than one worker needs (and would be missing on another host), eight
 * bundles of one file are too few to keep 32 threads busy. Bundles that only wait, for the limits of their runs or for a
 * host, are no work: others are taken beside them.
 */
export function bundleSlots(
  work: {
    readonly fileSlots: { readonly waiting: number };
    readonly flows: { readonly waitingActivities: number };
  },
  threads: number,
): CustomSlotSupplier<ActivitySlotInfo> {
  let taken = 0;
  // A bundle just taken has not queued its files yet: until it has, the queue's length says too little.
  let settling = 0;
  const mayTake = () =>
    taken - work.flows.waitingActivities < MOST_BUNDLES &&
    settling < Math.max(2, threads / 8) &&
    work.fileSlots.waiting < threads;
  const take = (): SlotPermit => {
    taken++;
    return {};
  };
  return {
    type: 'custom',
    async reserveSlot(_context, abortSignal) {
      while (!mayTake()) await delay(LOOK_MS, undefined, { signal: abortSignal });
      return take();
    },
    tryReserveSlot: () => (mayTake() ? take() : null),
    markSlotUsed: () => {
      settling++;
      setTimeout(() => settling--, LOOK_MS);
    },
    releaseSlot: () => {
      taken--;
    },
  };
}
