// Compiles each assembly/<name>/index.ts (AssemblyScript) to dist/kernels/<name>.wasm, with WebAssembly SIMD.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export function buildKernels() {
  mkdirSync(join(root, 'dist/kernels'), { recursive: true });
  const entries = readdirSync(join(root, 'assembly'), { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    // No garbage collector and no bounds checks: kernels work on memory that the host lays out for them.
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/assemblyscript/bin/asc.js'),
        `assembly/${name}/index.ts`,
        '--outFile',
        `dist/kernels/${name}.wasm`,
        ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
        ...['--runtime', 'stub', '--enable', 'simd'],
      ],
      { cwd: root, stdio: 'inherit' },
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildKernels();
