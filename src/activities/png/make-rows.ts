import { plainRows } from '../../domain/png/plain-rows.ts';
import type { PngRows } from '../../domain/png/png-rows.ts';
import { SimdRows } from '../../domain/png/simd-rows.ts';
import { loadKernel } from '../load-kernel.ts';

/** The fastest row filters of this machine. */
export function makeRows(simd = true): PngRows {
  const module = simd ? loadKernel('png-rows') : undefined;
  return module === undefined ? plainRows : new SimdRows(module);
}
