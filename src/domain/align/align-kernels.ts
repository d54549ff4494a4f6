import type { PadAndBlend } from '../kernels/pad-and-blend/contract.ts';
import type { Resample } from '../kernels/resample/contract.ts';
import type { SampleQuad } from '../kernels/sample-quad/contract.ts';

/** The pixel work of the recipe: all plain TypeScript, or all WebAssembly SIMD, with the same results to the last bit. */
export interface AlignKernels {
  readonly resample: Resample;
  readonly padAndBlend: PadAndBlend;
  readonly sampleQuad: SampleQuad;
}
