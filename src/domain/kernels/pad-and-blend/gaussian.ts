import { expRounded } from '../../numpy/log-rounded.ts';

/** SciPy's `truncate`: the filter ends at four standard deviations. */
const TRUNCATE = 4;

/**
 * One half of SciPy's Gaussian filter and its centre: `weights[k]` is for the two samples at distance `k`; the radius is
 * `weights.length - 1`. `sigma` in samples.
 */
export function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.trunc(TRUNCATE * sigma + 0.5);
  const factor = -0.5 / (sigma * sigma);
  const both = new Float64Array(2 * radius + 1);
  for (let i = 0; i < both.length; i++) {
    const distance = i - radius;
    both[i] = expRounded(factor * (distance * distance));
  }
  const sum = pairwiseSum(both);
  return both.slice(radius).map((weight) => weight / sum);
}

/** NumPy's sum of doubles: eight running sums up to 128 numbers, halves above. */
function pairwiseSum(numbers: Float64Array): number {
  const { length } = numbers;
  if (length < 8) return numbers.reduce((sum, number) => sum + number, 0);
  if (length > 128) {
    const half = Math.floor(length / 2);
    const cut = half - (half % 8);
    return pairwiseSum(numbers.subarray(0, cut)) + pairwiseSum(numbers.subarray(cut));
  }
  const sums = numbers.slice(0, 8);
  const whole = length - (length % 8);
  for (let i = 8; i < whole; i++) sums[i % 8] = (sums[i % 8] ?? 0) + (numbers[i] ?? 0);
  const at = (i: number) => sums[i] ?? 0;
  let sum = at(0) + at(1) + (at(2) + at(3)) + (at(4) + at(5) + (at(6) + at(7)));
  for (let i = whole; i < length; i++) sum += numbers[i] ?? 0;
  return sum;
}
