import { MINUTE } from '../run/time-units.ts';

/** Name of a request that asks several sources, one after the other. */
export const CHAIN = 'chain';

/** Milliseconds for which a file waits for one source before it goes to the next. */
export const USUAL_PATIENCE = 10 * MINUTE;

/** A wait, from its first refusal to the time at which whoever refused may be asked again (milliseconds since the epoch). */
export interface WholeWait {
  readonly since: number;
  readonly until: number;
}

/** Is that more than a file waits for? */
export function isTooLong({ since, until }: WholeWait, patienceMs: number): boolean {
  return until - since > patienceMs;
}

/** How long whoever asks by this request waits for one of its sources; of a single source as long as it takes. */
export function patienceOf(request: { readonly name: string; readonly patience?: string }): number {
  if (request.name !== CHAIN) return Number.POSITIVE_INFINITY;
  const { patience = '' } = request;
  return /^[0-9]{1,12}$/.test(patience) ? Number(patience) : USUAL_PATIENCE;
}
