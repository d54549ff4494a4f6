/** With nine terms a Gaussian cut off at four sigma is met within 2e-8 of its sum. */
const MOST_TERMS = 9;
/** Period of the first cosine, in widths of the window: where nine terms come nearest. */
const PERIOD = 1.19;
/** Unit roundoff of doubles. */
const EPSILON = 2 ** -53;
/** Half a unit in the last place of a float32 below 256. */
export const HALF_ULP = 2 ** -17;

/** A symmetric filter as a sum of cosines, and how far it may be from the filter. */
export interface CosineFit {
  /** Number of cosines: an even one, of which the last may be nothing. */
  readonly cosines: number;
  /**
   * What `filterStrip` of `assembly/pad-and-blend/cosine-filter.ts` reads: the constant's weight, then for each cosine
   * 2 cos(w), a cos(w r), -a cos(w (r + 1)) and a cos(w t) for t = 0 to r.
   */
  readonly terms: Float64Array;
  /** Bound of the difference of one pass over bytes, in grey levels, before its result is rounded to float32. */
  readonly error: number;
}

/**
 * Fits a sum of cosines to the filter `weights[|t|]`, -r <= t <= r, by least squares. `length`: places that one pass
 * slides over at most. The error is not estimated but added up from the fit's own differences: samples lie within 127.5
 * of the middle of their range, and the differences sum up to zero. Rounding in the recurrence of a term is bounded by
 * the number of steps, each off by a few units in the last place of its largest intermediate, times the most that the
 * recurrence makes of a unit, 1 / sin(w).
 */
export function cosineFit(weights: Float64Array, length: number): CosineFit {
  const radius = weights.length - 1;
  const count = Math.min(MOST_TERMS, weights.length);
  const frequencies = Array.from({ length: count }, (_, k) => (Math.PI * k) / (PERIOD * Math.max(radius, 1)));
  const table = frequencies.map((w) => Float64Array.from(weights, (_, t) => Math.cos(w * t)));
  const amplitudes = leastSquares(table, weights);
  const differences = Float64Array.from(
    weights,
    (weight, t) => table.reduce((sum, row, k) => sum + at(row, t) * at(amplitudes, k), 0) - weight,
  );
  const constant = at(amplitudes, 0) - bothSides(differences) / (2 * radius + 1);
  const shift = constant - at(amplitudes, 0);
  const apart = bothSides(differences.map((difference) => Math.abs(difference + shift)));
  const cosines = frequencies.slice(1).map((w, nth) => ({ w, amplitude: at(amplitudes, nth + 1) }));
  const rest = new Array<number>(cosines.length % 2 === 0 ? 0 : weights.length + 3).fill(0);
  const terms = cosines.flatMap(({ w, amplitude }, nth) => [
    2 * Math.cos(w),
    amplitude * Math.cos(w * radius),
    -amplitude * Math.cos(w * (radius + 1)),
    ...at(table, nth + 1).map((cosine) => amplitude * cosine),
  ]);
  const reach = 2 * radius + 3;
  const rounding = cosines.reduce((sum, { w, amplitude }) => {
    const growth = Math.min(length + reach, 1 / Math.abs(Math.sin(w)));
    return sum + (length + 2 * reach) * growth * 12 * EPSILON * 255 * Math.abs(amplitude) * reach;
  }, 0);
  return {
    cosines: cosines.length + (cosines.length % 2),
    terms: Float64Array.of(constant, ...terms, ...rest),
    error: 127.5 * apart + rounding + 1e-9,
  };
}

/** Of the sum over both sides of a filter whose one half and centre is given. */
function bothSides(half: Float64Array): number {
  return half.reduce((sum, value, t) => sum + (t === 0 ? value : 2 * value), 0);
}

/** Amplitudes for which the rows' sum is nearest to the target on both sides: normal equations, by elimination. */
function leastSquares(rows: readonly Float64Array[], target: Float64Array): Float64Array {
  const product = (a: Float64Array, b: Float64Array) => bothSides(a.map((value, t) => value * at(b, t)));
  const equations = rows.map((row) =>
    Float64Array.of(...rows.map((other) => product(row, other)), product(row, target)),
  );
  const { length } = equations;
  for (let column = 0; column < length; column++) {
    let pivot = column;
    for (let row = column + 1; row < length; row++) {
      if (Math.abs(at(at(equations, row), column)) > Math.abs(at(at(equations, pivot), column))) pivot = row;
    }
    const chosen = at(equations, pivot);
    equations[pivot] = at(equations, column);
    equations[column] = chosen;
    for (const [row, equation] of equations.entries()) {
      if (row === column) continue;
      const factor = at(equation, column) / at(chosen, column);
      for (let i = column; i <= length; i++) equation[i] = at(equation, i) - factor * at(chosen, i);
    }
  }
  return Float64Array.from(equations, (equation, row) => at(equation, length) / at(equation, row));
}

function at<Value>(values: ArrayLike<Value>, index: number): Value {
  return values[index] as Value;
}
