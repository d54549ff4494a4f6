import type { alignReasons } from './reasons.ts';

export type AlignFailureReason = keyof typeof alignReasons;

/** Why a face was not aligned, or not to the published pixels, as data. */
export interface AlignFailure {
  readonly reason: AlignFailureReason;
  /** One line for people. */
  readonly detail: string;
}
