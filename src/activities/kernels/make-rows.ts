import type { Inflate } from '../../domain/kernels/inflate/contract.ts';
import { simdInflate } from '../../domain/kernels/inflate/simd.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import { plainRows } from '../../domain/kernels/png-rows/plain.ts';
import { simdRows } from '../../domain/kernels/png-rows/simd.ts';
import { makeKernel } from './make-kernel.ts';

/** What rows of a PNG are read and written by. */
export interface RowKernels extends PngRows {
  /** None where WebAssembly has no SIMD: zlib inflates then. */
  readonly inflate?: Inflate;
}

/** The fastest row filters of this machine, or, without `simd`, the plain ones. */
export function makeRows(simd = true): RowKernels {
  const rows = makeKernel('png-rows', plainRows, simdRows, simd);
  const inflate = makeKernel<Inflate | undefined>('inflate', undefined, simdInflate, simd);
  return inflate === undefined ? rows : { ...rows, inflate };
}
