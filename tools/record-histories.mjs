// Records the histories that test/replay/replay.test.ts replays, on a real server; test/replay/record-histories.ts says
// when that is the thing to do.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

run('tools/build.mjs', '--if-stale');
run('node_modules/vitest/vitest.mjs', 'run', '--config', 'test/replay/record-histories.config.ts');
