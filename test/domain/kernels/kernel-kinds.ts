import { makeAlignTools } from '../../../src/activities/kernels/make-kernels.ts';

/** Both kinds of kernels, under the same tests. Those of WebAssembly are compiled by the build. */
export const kernelKinds = [makeAlignTools(false).kernels, makeAlignTools(true).kernels];
