import type { Kernels } from '../../domain/align/kernels.ts';
import { plainKernels } from '../../domain/align/plain-kernels.ts';
import type { PngRows } from '../../domain/png/png-rows.ts';
import { makeRows } from '../png/make-rows.ts';

/** What a thread aligns with. */
export interface AlignTools {
  readonly kernels: Kernels;
  readonly rows: PngRows;
}

/** The fastest kernels of this machine, or the plain ones. */
export function makeAlignTools(simd: boolean): AlignTools {
  return { kernels: plainKernels, rows: makeRows(simd) };
}
