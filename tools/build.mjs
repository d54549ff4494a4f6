// Compiles src/ to dist/ and bundles the workflow code once, so that no worker has to do it when it starts.
// --if-stale: does nothing when dist/ is newer than everything it is made from. npm's `prepare` is called so, because the
// first `npx ffhq` runs it too, perhaps beside a worker that lives from dist/.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist/.built');

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  // An installed package carries dist/ and no sources: nothing to build from, so nothing is stale.
  if (!existsSync(join(root, 'src'))) return true;
  const made = statSync(stamp).mtimeMs;
  return [
    'src',
    'assembly',
    'types',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'package-lock.json',
    'tools/build.mjs',
    'tools/build-kernels.mjs',
  ].every((name) => newest(join(root, name)) <= made);
}

if (!(process.argv.includes('--if-stale') && isFresh())) {
  const startedAt = new Date();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  buildKernels();
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'dist/workflows/index.js'),
    workflowInterceptorModules: ['signed-inputs', 'checked-answers'].map((name) =>
      join(root, `dist/workflows/interceptors/${name}.js`),
    ),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  });
  writeFileSync(join(root, 'dist/workflow-bundle.js'), code);
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
  const { utimesSync } = await import('node:fs');
  utimesSync(stamp, startedAt, startedAt);
  process.stderr.write(`built ${pathToFileURL(join(root, 'dist')).pathname}\n`);
}
