// The reference's padding: SciPy's Gaussian blur, NumPy's median, and the blends in float32, to the last bit. The blur is
// computed by a short sum of cosines, whose cost does not depend on its width, within a proven bound of SciPy's. Samples
// whose byte, or whose rank about the median, that bound leaves in doubt are computed again in SciPy's own order of
// operations. The host (src/domain/kernels/pad-and-blend/simd.ts) lays the memory out and knows the bound.

export { blendBlur, blendMedian, mirror, spreadBytes } from './blends';
export { collectNear } from './collect-near';
export {
  cutTile,
  fillAcross,
  fillDown,
  filterStrip,
  scatterAcross,
  scatterDown,
} from './cosine-filter';
export { beginExact, blendExactly } from './exact-blur';
export {
  blurredRow,
  fillFloats,
  filterDoubles,
  filterNodes,
  missing,
  sumAcross,
  sumBytes,
  sumFloats,
} from './grid-blur';

export function heapBase(): usize {
  return __heap_base;
}
