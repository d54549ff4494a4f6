import type { Span } from './mirror-plan.ts';

/** The blur of a padded picture, row by row. */
export interface Blur {
  /** Most that a sample differs from SciPy's, in grey levels. */
  readonly error: number;
  /** Blurs some rows that are their own twins, at most eight; of each at least the places in `spans` and their twins. */
  rows(places: readonly number[], spans: readonly Span[], to: readonly number[]): void;
}
