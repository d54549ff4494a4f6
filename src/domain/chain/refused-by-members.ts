import { reactionTo } from '../failure/reasons.ts';
import { type SourceFailure, sourceFailure } from '../failure/source-failure.ts';

/** What one source of a chain said of a file. */
export interface MemberRefusal {
  /** The source, as people know it. */
  readonly member: string;
  readonly failure: SourceFailure;
  /** It may be asked again after a time (ms) that nobody waits for while another source may have the file. */
  readonly passedOverMs?: number;
  /** How often it failed this file before, in this process. */
  readonly failedBefore: number;
}

/** So often a source that failed by chance is asked again before the file waits for hours for another one. */
const MOST_CHANCES = 2;

/**
 * What a file is refused by when each source of a chain refused it: the reason that leaves most hope, and of each source its
 * own in a word. A wait goes before a final no, and what may be better at the next attempt before a wait of hours. Who would
 * have to wait longer than is waited for is put aside, so that other files go on.
 */
export function refusedByMembers(file: string, refusals: readonly MemberRefusal[]): SourceFailure {
  const [first, ...others] = [...refusals].sort(
    (one, other) => rank(one) - rank(other) || waitMs(one) - waitMs(other),
  );
  if (first === undefined)
    return sourceFailure('missing', `open [file=${file}]: expected a source, got none`);
  const { failure, passedOverMs } = first;
  const said = refusals.map(({ member, failure: { reason } }) => `${member} ${reason}`).join(', ');
  const detail =
    others.length === 0
      ? failure.detail
      : `open [file=${file}]: expected it from one of ${refusals.length} sources, got: ${said}`;
  if (passedOverMs === undefined) return { ...failure, ...sourceFailure(failure.reason, detail) };
  return { ...sourceFailure(failure.reason, detail, passedOverMs), isPutAside: true };
}

function rank({ failure: { reason }, passedOverMs, failedBefore }: MemberRefusal): number {
  if (passedOverMs !== undefined) return 3;
  switch (reactionTo(reason)) {
    case 'hold':
      return 0;
    case 'stop':
      return 1;
    case 'retry':
      return failedBefore < MOST_CHANCES ? 2 : 4;
    case 'defer':
      return 3;
    case 'outcome':
      return 5;
  }
}

function waitMs({ failure, passedOverMs }: MemberRefusal): number {
  return passedOverMs ?? failure.retryAfterMs ?? 0;
}
