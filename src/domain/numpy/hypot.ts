/**
 * Length of (x, y), rounded as glibc 2.35 and later round it where no fused multiply-add is used: a square root, and one
 * correction by its own error (Borges, "An Improved Algorithm for hypot(a,b)", 2019, in its unfused form). `Math.hypot`
 * differs in the last bit in a third of all cases.
 */
export function hypot(x: number, y: number): number {
  const [large, small] = Math.abs(x) >= Math.abs(y) ? [Math.abs(x), Math.abs(y)] : [Math.abs(y), Math.abs(x)];
  if (!Number.isFinite(large) || Number.isNaN(small)) return Math.hypot(x, y);
  if (large > 2 ** 511) return corrected(large * 2 ** -600, small * 2 ** -600) * 2 ** 600;
  if (small < 2 ** -459) {
    if (large >= small * 2 ** 53) return large + small;
    return corrected(large * 2 ** 600, small * 2 ** 600) * 2 ** -600;
  }
  if (large * 2 ** -53 >= small) return large + small;
  return corrected(large, small);
}

function corrected(large: number, small: number): number {
  const root = Math.sqrt(large * large + small * small);
  let first: number;
  let second: number;
  if (root <= 2 * small) {
    const delta = root - small;
    first = large * (2 * delta - large);
    second = (delta - 2 * (large - small)) * delta;
  } else {
    const delta = root - large;
    first = 2 * delta * (large - 2 * small);
    second = (4 * delta - small) * small + delta * delta;
  }
  return root - (first + second) / (2 * root);
}
