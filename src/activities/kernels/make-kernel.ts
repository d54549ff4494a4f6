import { existsSync, readFileSync } from 'node:fs';

export type KernelName =
  | 'deflate'
  | 'inflate'
  | 'md5'
  | 'png-rows'
  | 'resample'
  | 'pad-and-blend'
  | 'sample-quad';

const loaded = new Map<KernelName, WebAssembly.Module>();

/** A module of one function that splats a byte: valid where WebAssembly has SIMD. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Do the faster kernels run here? */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * A kernel of the faster kind, with a memory of its own; the plain one, with the same results, where WebAssembly has no SIMD
 * or `wantsSimd` is false. Throws where the build has not compiled it.
 */
export function makeKernel<Kernel>(
  name: KernelName,
  plain: Kernel,
  simd: (module: WebAssembly.Module) => Kernel,
  wantsSimd: boolean,
): Kernel {
  return wantsSimd && hasSimd() ? simd(load(name)) : plain;
}

function load(name: KernelName): WebAssembly.Module {
  const known = loaded.get(name);
  if (known) return known;
  // Kernels lie in dist/, also when this file runs from its TypeScript source.
  const base = import.meta.url.endsWith('.ts') ? '../../../dist/kernels/' : '../../kernels/';
  const file = new URL(`${base}${name}.wasm`, import.meta.url);
  if (!existsSync(file))
    throw new Error(`kernel [file=${file.pathname}]: expected a compiled kernel, got nothing`);
  const module = new WebAssembly.Module(readFileSync(file));
  loaded.set(name, module);
  return module;
}
