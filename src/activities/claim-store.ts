import type { ClaimInput, RunContext } from '../domain/run/run.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { BundleProgress } from './heartbeat.ts';
import { forgetOtherFailures } from './store/failure-log.ts';
import { claimStore as claim, releaseStore as release } from './store/owner.ts';
import { checkStore } from './store/store-identity.ts';

/** Makes the run the folder's owner; final refusal where another run owns it. */
export function makeClaimStore(dependencies: ActivityDependencies) {
  return async function claimStore(input: ClaimInput): Promise<void> {
    const progress = BundleProgress.begin();
    try {
      const store = { path: dependencies.out ?? input.store.path, id: input.store.id };
      await checkStore(store);
      await claim(store, input.owner, input.run, input.takeOver);
      await forgetOtherFailures(store.path, input.run);
    } finally {
      progress.end();
    }
  };
}

/** The run is over: another one may own the folder. */
export function makeReleaseStore(dependencies: ActivityDependencies) {
  return async function releaseStore(input: RunContext): Promise<void> {
    const store = { path: dependencies.out ?? input.store.path, id: input.store.id };
    await checkStore(store);
    await release(store, input.owner);
  };
}
