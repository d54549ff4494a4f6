import type { Kernels } from '../../domain/align/kernels.ts';
import { plainKernels } from '../../domain/align/plain-kernels.ts';
import { plainResample } from '../../domain/align/plain-resample.ts';
import { SimdPadAndBlend } from '../../domain/align/simd-pad-and-blend.ts';
import { SimdSampleQuad } from '../../domain/align/simd-sample-quad.ts';
import type { PngRows } from '../../domain/png/png-rows.ts';
import { loadKernel } from '../load-kernel.ts';
import { makeRows } from '../png/make-rows.ts';

/** What a thread aligns with. */
export interface AlignTools {
  readonly kernels: Kernels;
  readonly rows: PngRows;
}

/** The fastest kernels of this machine, or, without `simd`, the plain ones. */
export function makeAlignTools(simd: boolean): AlignTools {
  return { kernels: makeKernels(simd), rows: makeRows(simd) };
}

function makeKernels(simd: boolean): Kernels {
  const quad = simd ? loadKernel('sample-quad') : undefined;
  const pad = simd ? loadKernel('pad-and-blend') : undefined;
  if (quad === undefined || pad === undefined) return plainKernels;
  const { sampleQuad } = new SimdSampleQuad(quad);
  const { padAndBlend } = new SimdPadAndBlend(pad);
  // One face in many is shrunk first, and of it only the crop: not worth a kernel of its own.
  return { name: 'simd', resample: plainResample, padAndBlend, sampleQuad };
}
