import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm install -g` makes of the tarball, with the packages that are here already. */
function installPacked(): { readonly folder: string; readonly ffhq: (...words: string[]) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-packed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // dist/ is built before the tests, and others read it now.
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', pack, { cwd: project, stdio: 'pipe' });
  const installed = join(folder, 'lib/node_modules/ffhq-temporal');
  mkdirSync(installed, { recursive: true });
  const tarball = join(folder, 'ffhq-temporal-0.1.0.tgz');
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  symlinkSync(join(project, 'node_modules'), join(installed, 'node_modules'));
  const env = { PATH: process.env.PATH, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, HOME: folder };
  return {
    folder,
    ffhq: (...words) => {
      const bin = join(installed, 'bin/ffhq.js');
      const { stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { cwd: folder, env });
      return `${stdout}${stderr}`;
    },
  };
}

test('the packed program runs where it is installed, and its hints name it', () => {
  const { folder, ffhq } = installPacked();
  const help = ffhq('--help');
  expect(help).toContain('ffhq run --sample');
  expect(ffhq()).toContain('try: ffhq run --json --images');
  const plan = ffhq('run', '--thumbs', '--reserve', '0', '--dry-run', '--out', join(folder, 'faces'));
  expect(plan).toContain('thumbs');
  const unserved = ffhq('start', '--thumbs', '--out', join(folder, 'faces'));
  expect(unserved).toContain('start one with `ffhq server`');
  for (const text of [help, plan, unserved]) expect(text).not.toMatch(/\bnp[mx]\b/);
}, 120_000);
