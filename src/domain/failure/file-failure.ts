import type { FileKind } from '../kinds.ts';
import type { FailedOutcome } from './outcome.ts';
import type { FailureReason } from './reasons.ts';

/** A file that is not in the dataset, as the report lists it. */
export interface FileFailure {
  readonly kind: FileKind;
  readonly key: string;
  readonly path: string;
  readonly outcome: FailedOutcome;
  readonly reason: FailureReason;
  readonly detail: string;
  readonly attempts: number;
}
