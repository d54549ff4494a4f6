import type { AlignKernels } from '../../domain/align/align-kernels.ts';
import type { Deflate } from '../../domain/kernels/deflate/contract.ts';
import { plainPadAndBlend } from '../../domain/kernels/pad-and-blend/plain.ts';
import { simdPadAndBlend } from '../../domain/kernels/pad-and-blend/simd.ts';
import { plainResample } from '../../domain/kernels/resample/plain.ts';
import { simdResample } from '../../domain/kernels/resample/simd.ts';
import { plainSampleQuad } from '../../domain/kernels/sample-quad/plain.ts';
import { simdSampleQuad } from '../../domain/kernels/sample-quad/simd.ts';
import { makeDeflate } from './make-deflate.ts';
import { makeKernel } from './make-kernel.ts';
import { makeRows, type RowKernels } from './make-rows.ts';

/** What a thread aligns with. */
export interface AlignTools {
  readonly kernels: AlignKernels;
  readonly rows: RowKernels;
  readonly deflate: Deflate;
}

/** The fastest kernels of this machine, or, without `simd`, the plain ones. */
export function makeAlignTools(simd: boolean): AlignTools {
  return {
    kernels: {
      resample: makeKernel('resample', plainResample, simdResample, simd),
      padAndBlend: makeKernel('pad-and-blend', plainPadAndBlend, simdPadAndBlend, simd),
      sampleQuad: makeKernel('sample-quad', plainSampleQuad, simdSampleQuad, simd),
    },
    rows: makeRows(simd),
    deflate: makeDeflate(simd),
  };
}
