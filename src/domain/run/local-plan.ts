import type { FileKind } from '../kinds.ts';

/** What a run would do, as the planner sees it from here. */
export interface LocalPlan {
  readonly kinds: readonly PlannedKind[];
  /** Bytes free where OUT lies, and what is to be left of them. */
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** True when no manifest is at hand and the figures are the official dataset's known totals. */
  readonly knownTotalsOnly: boolean;
}

export interface PlannedKind {
  readonly kind: FileKind;
  readonly files: number;
  readonly bytes: number;
  readonly thereFiles: number;
  readonly thereBytes: number;
}
