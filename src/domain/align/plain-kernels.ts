import type { Kernels } from './kernels.ts';
import { plainPadAndBlend } from './plain-pad-and-blend.ts';
import { plainResample } from './plain-resample.ts';
import { plainSampleQuad } from './plain-sample-quad.ts';

/** For machines without WebAssembly SIMD. */
export const plainKernels: Kernels = {
  name: 'plain',
  resample: plainResample,
  padAndBlend: plainPadAndBlend,
  sampleQuad: plainSampleQuad,
};
