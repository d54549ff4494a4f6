/**
 * Which sample of a row of `length` stands at each place of the row padded by `before` and `after`:
 * `np.pad(mode='reflect')` of NumPy 1.17 and later, which reflects what is already padded when a pad is longer than the
 * row. That is not always the periodic continuation. A row of one sample is repeated.
 */
export function reflectIndex(length: number, before: number, after: number): Int32Array {
  const padded = new Int32Array(before + length + after);
  if (length === 1) return padded;
  for (let i = 0; i < length; i++) padded[before + i] = i;
  let left = before;
  let right = after;
  while (left > 0 || right > 0) {
    const known = padded.length - left - right - 1;
    if (left > 0) {
      const chunk = Math.min(known, left);
      for (let i = 0; i < chunk; i++) padded[left - chunk + i] = padded[left + chunk - i] as number;
      left -= chunk;
    }
    if (right > 0) {
      const chunk = Math.min(known, right);
      const end = padded.length - right;
      for (let i = 0; i < chunk; i++) padded[end + i] = padded[end - 2 - i] as number;
      right -= chunk;
    }
  }
  return padded;
}

/** The place that a filter reads at `at`, inside the row or out: SciPy's `reflect`, symmetric about the edges. */
export function mirrorIndex(at: number, length: number): number {
  const period = 2 * length;
  const place = ((at % period) + period) % period;
  return place < length ? place : period - 1 - place;
}

/** The index of an axis with what a filter reads beyond both of its ends. */
export function extended(index: Int32Array, reach: number): Int32Array {
  return Int32Array.from(
    { length: index.length + 2 * reach },
    (_, at) => index[mirrorIndex(at - reach, index.length)] as number,
  );
}
