import type { Deflate } from '../../domain/kernels/deflate/contract.ts';
import { plainDeflate } from '../../domain/kernels/deflate/plain.ts';
import { simdDeflate } from '../../domain/kernels/deflate/simd.ts';
import { makeKernel } from './make-kernel.ts';

/** The fastest run-length deflate of this machine, or, without `simd`, the plain one; both give the same bytes. */
export function makeDeflate(simd = true): Deflate {
  return makeKernel('deflate', plainDeflate, simdDeflate, simd);
}
