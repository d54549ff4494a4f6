import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import { plainRows } from '../../domain/kernels/png-rows/plain.ts';
import { SimdRows } from '../../domain/kernels/png-rows/simd.ts';
import { loadKernel } from './load-kernel.ts';

/** The fastest row filters of this machine. */
export function makeRows(simd = true): PngRows {
  const module = simd ? loadKernel('png-rows') : undefined;
  return module === undefined ? plainRows : new SimdRows(module);
}
