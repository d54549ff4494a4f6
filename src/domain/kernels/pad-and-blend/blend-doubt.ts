import { blended } from './blend.ts';

/** A sample on its way through the two blends. */
export interface BlendedSample {
  /** Of the padded picture. */
  readonly pixel: number;
  /** The pixel blended into its blur; not exact. */
  readonly value: number;
  readonly blurShare: number;
  readonly median: number;
  readonly medianShare: number;
}

/**
 * May the byte of this sample be another than the reference's, if its blur is off by up to `error`? Each operation of the
 * blends is rounded once here and once there, each time by half a unit in the last place of what comes out.
 */
export function isByteInDoubt(
  { pixel, value, blurShare, median, medianShare }: BlendedSample,
  error: number,
): boolean {
  const toBlur = Math.min(255, Math.abs(value - pixel) / blurShare);
  const ofValue = blurShare * (error + rounding(toBlur)) + rounding(blurShare * toBlur) + rounding(value);
  const toMedian = Math.abs(median - value);
  const result = blended(value, median, medianShare);
  const ofResult =
    ofValue * (1 - medianShare) +
    medianShare * rounding(toMedian) +
    rounding(medianShare * toMedian) +
    rounding(result);
  return Math.abs(result - Math.floor(result) - 0.5) <= ofResult;
}

/** Two roundings to float32 of about this number: a unit in the last place of one that is surely larger. */
function rounding(about: number): number {
  return 2 ** (Math.ceil(Math.log2(Math.abs(about) + 0.01)) - 23);
}
