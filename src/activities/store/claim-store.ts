import { refuseSecrets } from '../../domain/network/request-url.ts';
import type { ClaimInput } from '../../domain/run/activity-inputs.ts';
import type { RunContext } from '../../domain/run/run.ts';
import { forgetOtherRuns } from '../records/failure-log.ts';
import { removeDrafts } from './drafts.ts';
import { claim, release } from './owner.ts';

/** Makes the run the folder's owner; final refusal where another run owns it, or where its request holds a secret. */
export async function claimStore(
  { storePath }: { readonly storePath: string },
  { store, owner, run, takeOver, request }: ClaimInput,
): Promise<void> {
  // Before anything of it is written down: folder card and report repeat what was asked for.
  refuseSecrets(request);
  await claim({ path: storePath, id: store.id }, owner, run, takeOver);
  await forgetOtherRuns(storePath, run);
  await removeDrafts(storePath);
}

/** The run is over: another one may own the folder. */
export async function releaseStore(
  { storePath }: { readonly storePath: string },
  { store, owner }: RunContext,
): Promise<void> {
  await removeDrafts(storePath);
  await release({ path: storePath, id: store.id }, owner);
}
