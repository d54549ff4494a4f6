import { isGateReason } from '../failure/source-gate.ts';
import type { Wait } from '../run/progress.ts';
import type { GatesMet } from '../run/workflow-inputs.ts';

/** Of a run (ms since the epoch). */
interface Clock {
  readonly now: number;
  /** When it began: nothing of it waits since before, whatever is said. */
  readonly start: number;
}

/** A gate that closed after the last one was met is another one: it is met now (ms since the epoch). */
export function withGatesMet(met: GatesMet, waits: readonly Wait[], { now, start }: Clock): GatesMet {
  const all = { ...met };
  for (const wait of waits) {
    const since = begunAt(wait, { now, start });
    const { reason } = wait;
    if (isGateReason(reason) && since !== undefined && since > (all[reason] ?? 0)) all[reason] = now;
  }
  return all;
}

/**
 * When the oldest of these waits began (ms since the epoch): of a quota, with the first refusal; at a gate, which others may
 * have closed long before, when the run came to it.
 *
 * @param known of waits that do not say when they began: when they were first seen
 */
export function waitingSince(
  waits: readonly Wait[],
  met: GatesMet,
  { now, start, known }: Clock & { readonly known: number },
): number | undefined {
  if (waits.length === 0) return undefined;
  const begun = waits.map((wait) => {
    const since = begunAt(wait, { now, start });
    if (since === undefined) return known;
    return isGateReason(wait.reason) ? Math.max(since, met[wait.reason] ?? 0) : since;
  });
  return Math.min(...begun);
}

/** What a wait says of that; undefined: nothing that can be. */
function begunAt({ since = '' }: Wait, { now, start }: Clock): number | undefined {
  const at = Date.parse(since);
  return at <= now ? Math.max(at, start) : undefined;
}
