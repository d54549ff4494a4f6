import { existsSync, readFileSync } from 'node:fs';

const loaded = new Map<string, WebAssembly.Module | undefined>();

/** A module of one function that splats a byte: valid where WebAssembly has SIMD. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/**
 * A kernel that the build compiled, ready to be instantiated; undefined where WebAssembly has no SIMD: the plain kernels
 * do the work then, with the same results.
 */
export function loadKernel(
  name: 'deflate' | 'md5' | 'png-rows' | 'resample' | 'pad-and-blend' | 'sample-quad',
): WebAssembly.Module | undefined {
  if (!loaded.has(name)) loaded.set(name, compile(name));
  return loaded.get(name);
}

function compile(name: string): WebAssembly.Module | undefined {
  if (!WebAssembly.validate(SIMD_PROBE)) return undefined;
  // Kernels lie in dist/, also when this file runs from its TypeScript source.
  const base = import.meta.url.endsWith('.ts') ? '../../../dist/kernels/' : '../../kernels/';
  const file = new URL(`${base}${name}.wasm`, import.meta.url);
  if (!existsSync(file))
    throw new Error(`kernel [file=${file.pathname}]: expected a compiled kernel, got nothing`);
  return new WebAssembly.Module(readFileSync(file));
}
