import { reactionTo } from '../failure/reasons.ts';
import { type SourceFailure, type SourceFailureReason, sourceFailure } from '../failure/source-failure.ts';

/** What one of several mirrors said. */
export interface Refusal {
  /** Its host, as people know it. */
  readonly mirror: string;
  readonly failure: SourceFailure;
}

/** Where waiting helps, the file is not lost; where nothing does, it is only when every mirror says so. */
const HOPE = { hold: 0, stop: 1, defer: 2, retry: 3, outcome: 4 } as const;

/**
 * What a file is refused by when each of its mirrors refused it: the most hopeful reason, and of each mirror its own in a
 * word. Of waits the shortest counts: then at least one of them is asked again.
 */
export function refusedByAll(file: string, refusals: readonly Refusal[]): SourceFailure {
  const [first, ...others] = [...refusals].sort(
    ({ failure: one }, { failure: other }) =>
      hope(one) - hope(other) || (one.retryAfterMs ?? 0) - (other.retryAfterMs ?? 0),
  );
  if (first === undefined) {
    return sourceFailure('missing', `open [file=${file}]: expected a mirror with a place for it, got none`);
  }
  if (others.length === 0) return first.failure;
  const said = refusals.map(({ mirror, failure }) => `${mirror} ${failure.reason}`).join(', ');
  const detail = `open [file=${file}]: expected it from one of ${refusals.length} mirrors, got: ${said}`;
  return { ...first.failure, ...sourceFailure(first.failure.reason, detail) };
}

function hope({ reason, gate }: SourceFailure): number {
  return gate === undefined ? HOPE[reactionTo(reason)] : HOPE.stop;
}

/** What a refusal says of the mirror: that it has not everything, that it is in trouble, that it lies, that it is busy. */
export type MirrorFault = 'lacks' | 'troubled' | 'lies' | 'busy';

const faults: Readonly<Partial<Record<SourceFailureReason, MirrorFault>>> = {
  missing: 'lacks',
  private: 'lacks',
  'rate-limited': 'busy',
  blocked: 'busy',
  'daily-limit': 'busy',
  'oversized-body': 'lies',
  'short-body': 'lies',
  'unknown-page': 'lies',
  'range-mismatch': 'lies',
  'source-changed': 'lies',
};

export function faultOf(reason: SourceFailureReason): MirrorFault {
  return faults[reason] ?? 'troubled';
}
