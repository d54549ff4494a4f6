import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './import-graph.ts';

interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      { readonly integrity?: string; readonly resolved?: string; readonly hasInstallScript?: boolean }
    >
  >;
}

const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as unknown;

/** Every package of a lockfile; the first entry is the project itself. */
const installed = (path: string) =>
  Object.entries((json(path) as Lockfile).packages).filter(([name]) => name !== '');

const lockfiles = ['package-lock.json', '.ci/node24/package-lock.json'];

test('every package that is installed is held by its SHA-512, wherever it comes from', () => {
  for (const file of lockfiles) {
    expect(installed(file).length).toBeGreaterThan(0);
    const loose = installed(file).filter(
      ([, { integrity, resolved }]) =>
        resolved !== undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''),
    );
    expect(loose).toEqual([]);
  }
});

test('no install script of a package is needed: each one that there is is refused by name', () => {
  const { allowScripts } = json('package.json') as { allowScripts: Record<string, boolean> };
  const withScript = lockfiles
    .flatMap(installed)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(Object.fromEntries([...new Set(withScript)].map((name) => [name, false]))).toEqual(allowScripts);
});

test('the build machine runs nothing that no lockfile holds', () => {
  const script = readFileSync(join(root, '.ci/run'), 'utf8').replace(/^\s*#.*$/gm, '');
  expect(script).not.toMatch(/\b(npx|npm (exec|x|install|i)|curl|wget|pip)\b/);
  const installs = script.match(/\bnpm ci\b.*/g) ?? [];
  expect(installs).toEqual(['npm ci && npm test', 'npm ci --ignore-scripts --prefix .ci/node24']);
});

const [major = 0, minor = 0] = execFileSync('npm', ['--version'], { encoding: 'utf8' })
  .split('.')
  .map(Number);
/** Not the settings of the npm that may have started this. */
const ofNobody = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
/** Older ones know no list. */
const knowsList = major > 11 || (major === 11 && minor >= 16);

test.runIf(knowsList)(
  'a package whose install script nobody has decided on is not installed, and its script does not run',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ffhq-installed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const run = (cwd: string, ...args: string[]) =>
      spawnSync('npm', [...args, '--offline', '--cache', join(folder, 'cache')], {
        cwd,
        env: ofNobody,
        encoding: 'utf8',
      });
    const evil = join(folder, 'evil');
    mkdirSync(evil);
    const scripts = { postinstall: `touch ${join(folder, 'ran')}` };
    writeFileSync(join(evil, 'package.json'), JSON.stringify({ name: 'evil', version: '1.0.0', scripts }));
    run(evil, 'pack', '--pack-destination', folder);
    const project = join(folder, 'project');
    mkdirSync(project);
    const dependencies = { evil: 'file:../evil-1.0.0.tgz' };
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', dependencies }));
    run(project, 'install', '--package-lock-only');
    cpSync(join(root, '.npmrc'), join(project, '.npmrc'));
    const { status, stderr } = run(project, 'ci');
    expect(stderr).toContain('evil@1.0.0');
    expect(status).not.toBe(0);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    rmSync(join(project, '.npmrc'));
    expect(run(project, 'ci').status).toBe(0);
    // npm 11 warns and runs it, npm 12 leaves it out.
    expect(existsSync(join(folder, 'ran'))).toBe(major === 11);
  },
);

test('a checkout gives its commands by `npx ffhq`, whatever else npm refuses', () => {
  const cache = mkdtempSync(join(tmpdir(), 'ffhq-npx-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const words = ['--offline', '--cache', cache, 'ffhq', '--version'];
  const { status, stdout, stderr } = spawnSync('npx', words, { cwd: root, env: ofNobody, encoding: 'utf8' });
  expect(stderr).not.toContain('ESTRICTALLOWSCRIPTS');
  expect([status, stdout.trim()]).toEqual([0, (json('package.json') as { version: string }).version]);
});
