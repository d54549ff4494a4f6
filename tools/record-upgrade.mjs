// Records what a version leaves behind in the middle of a run, which test/upgrade lets this one go on with, and the
// exit codes and JSON keys that test/commands/json-keys holds this one to: before a version is given out,
// `node tools/record-upgrade.mjs <its checkout, built> <its name> [upgrade | json-keys]`.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [checkout, name, only = ''] = process.argv.slice(2);
if (checkout === undefined || name === undefined) {
  console.error('usage: node tools/record-upgrade.mjs <checkout> <name> [upgrade | json-keys]');
  process.exit(2);
}
const words = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'test/upgrade/record-upgrade.config.ts',
  `record-${only}`,
];
execFileSync(process.execPath, words, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, FFHQ_UPGRADE_CHECKOUT: resolve(checkout), FFHQ_UPGRADE_NAME: name },
  stdio: 'inherit',
});
