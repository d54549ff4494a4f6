import type { Kernels } from '../../domain/align/kernels.ts';
import { plainKernels } from '../../domain/align/plain-kernels.ts';
import { SimdPadAndBlend } from '../../domain/align/simd-pad-and-blend.ts';
import { SimdResample } from '../../domain/align/simd-resample.ts';
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
  const shrink = simd ? loadKernel('resample') : undefined;
  if (quad === undefined || pad === undefined || shrink === undefined) return plainKernels;
  const { sampleQuad } = new SimdSampleQuad(quad);
  const { padAndBlend } = new SimdPadAndBlend(pad);
  const { resample } = new SimdResample(shrink);
  return { name: 'simd', resample, padAndBlend, sampleQuad };
}
