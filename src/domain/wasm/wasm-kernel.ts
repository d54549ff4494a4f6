/** What every kernel exports. */
export interface WasmKernel {
  readonly memory: WebAssembly.Memory;
  /** The first address that is the host's to use. */
  heapBase(): number;
}

/** An instance with a memory of its own. `Exports`: what the kernel's `assembly/<name>/index.ts` exports. */
export function instantiate<Exports extends WasmKernel>(module: WebAssembly.Module): Exports {
  const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
  return instance.exports as unknown as Exports;
}
