import type { Kernels } from '../../domain/kernels/align-kernels.ts';
import { type Deflate, simdDeflate } from '../../domain/kernels/deflate/simd.ts';
import { SimdPadAndBlend } from '../../domain/kernels/pad-and-blend/simd.ts';
import { plainKernels } from '../../domain/kernels/plain-kernels.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import { SimdResample } from '../../domain/kernels/resample/simd.ts';
import { SimdSampleQuad } from '../../domain/kernels/sample-quad/simd.ts';
import { zlibDeflate } from '../align/threads/encode-png.ts';
import { loadKernel } from './load-kernel.ts';
import { makeRows } from './make-rows.ts';

/** What a thread aligns with. */
export interface AlignTools {
  readonly kernels: Kernels;
  readonly rows: PngRows;
  /** Its stream depends on the machine; what it inflates to does not. */
  readonly deflate: Deflate;
}

/** The fastest kernels of this machine, or, without `simd`, the plain ones. */
export function makeAlignTools(simd: boolean): AlignTools {
  const module = simd ? loadKernel('deflate') : undefined;
  const deflate = module === undefined ? zlibDeflate : simdDeflate(module);
  return { kernels: makeKernels(simd), rows: makeRows(simd), deflate };
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
