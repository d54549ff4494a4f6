import { contentReasons, type FailureReason } from './reasons.ts';

/** How the bytes on the disk differ from the spec, or why they may not be looked at. */
export type ContentFailureReason = keyof typeof contentReasons;

/** Was it the content that was found wrong, and not the way to it? */
export function isContentFailure(reason: FailureReason): reason is ContentFailureReason {
  return reason in contentReasons;
}
