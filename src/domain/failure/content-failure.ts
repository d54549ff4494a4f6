import type { contentReasons } from './reasons.ts';

/** How the bytes on the disk differ from the spec, or why they may not be looked at. */
export type ContentFailureReason = keyof typeof contentReasons;
