import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import { plainRows } from '../../domain/kernels/png-rows/plain.ts';
import { simdRows } from '../../domain/kernels/png-rows/simd.ts';
import { makeKernel } from './make-kernel.ts';

/** The fastest row filters of this machine, or, without `simd`, the plain ones. */
export function makeRows(simd = true): PngRows {
  return makeKernel('png-rows', plainRows, simdRows, simd);
}
