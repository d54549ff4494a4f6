import { type KernelName, makeKernel } from '../../../src/activities/kernels/make-kernel.ts';

/** Both kinds of a kernel, under the same tests. The one of WebAssembly is compiled by the build. */
export function kernelKinds<Kernel>(
  name: KernelName,
  plain: Kernel,
  simd: (module: WebAssembly.Module) => Kernel,
) {
  const fast = makeKernel(name, plain, simd, true);
  if (fast === plain) throw new Error('expected WebAssembly with SIMD on the machine that runs the tests');
  return [
    { kind: 'plain', kernel: plain },
    { kind: 'simd', kernel: fast },
  ] as const;
}
