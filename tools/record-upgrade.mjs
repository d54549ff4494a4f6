// Records what a version leaves behind in the middle of a run, which test/upgrade/upgrade.test.ts lets this one go on
// with. Before a version is given out: `node tools/record-upgrade.mjs <its checkout, built> <its name>`.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [checkout, name] = process.argv.slice(2);
if (checkout === undefined || name === undefined) {
  console.error('usage: node tools/record-upgrade.mjs <checkout> <name>');
  process.exit(2);
}
const words = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/upgrade/record-upgrade.config.ts'];
execFileSync(process.execPath, words, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, FFHQ_UPGRADE_CHECKOUT: resolve(checkout), FFHQ_UPGRADE_NAME: name },
  stdio: 'inherit',
});
