import type { Kernels } from './align-kernels.ts';
import { plainPadAndBlend } from './pad-and-blend/plain.ts';
import { plainResample } from './resample/plain.ts';
import { plainSampleQuad } from './sample-quad/plain.ts';

/** For machines without WebAssembly SIMD. */
export const plainKernels: Kernels = {
  name: 'plain',
  resample: plainResample,
  padAndBlend: plainPadAndBlend,
  sampleQuad: plainSampleQuad,
};
