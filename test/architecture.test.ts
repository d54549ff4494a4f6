import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

interface Import {
  /** Relative to src, for the project's own files; else the package or built-in. */
  readonly to: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'));
const texts = new Map(files.map((name) => [name, readFileSync(join(src, name), 'utf8')]));
const imports = new Map(files.map((name) => [name, importsOf(name)]));

function importsOf(name: string): Import[] {
  const source = ts.createSourceFile(name, texts.get(name) ?? '', ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const isOwn = text.startsWith('.');
    const to = isOwn ? relative(src, resolve(src, dirname(name), text)) : packageOf(text);
    found.push({ to, isOwn, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const names = clause?.namedBindings;
      const allTypes =
        clause?.name === undefined &&
        names !== undefined &&
        ts.isNamedImports(names) &&
        names.elements.every((element) => element.isTypeOnly);
      add(node.moduleSpecifier, clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** `file -> import` of every import that is not permitted. */
function offending(where: string, isPermitted: (to: Import, file: string) => boolean): string[] {
  return [...imports]
    .filter(([file]) => file.startsWith(where))
    .flatMap(([file, all]) =>
      all.filter((one) => !isPermitted(one, file)).map(({ to }) => `${file} -> ${to}`),
    );
}

/** Everything that comes along when these files are loaded. */
function reachable(from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const one of imports.get(name) ?? []) if (!one.isTypeOnly) queue.push(one.to);
  }
  return seen;
}

const inWorkflows = files.filter((name) => name.startsWith('workflows/'));

test('the reader of imports sees them', () => {
  expect(imports.get('workflows/process-shard.ts')?.some(({ to }) => to === 'domain/run/plan.ts')).toBe(true);
  expect(imports.get('workflows/activity-options.ts')).toContainEqual({
    to: 'activities/index.ts',
    isOwn: true,
    isTypeOnly: true,
  });
  expect(files.length).toBeGreaterThan(100);
});

test('workflows decide: nothing but the SDK, the domain, and the types of Activities', () => {
  expect(
    offending('workflows/', ({ to, isOwn, isTypeOnly }) => {
      if (!isOwn) return ['@temporalio/workflow', '@temporalio/common'].includes(to);
      return (
        to.startsWith('workflows/') ||
        to.startsWith('domain/') ||
        (isTypeOnly && to === 'activities/index.ts')
      );
    }),
  ).toEqual([]);
});

test('whatever a workflow brings along runs in the sandbox', () => {
  const all = [...reachable(inWorkflows)];
  expect(all.filter((name) => name.startsWith('node:') || name === 'domain/dataset/digest.ts')).toEqual([]);
  expect(all.filter((name) => !/^(workflows|domain)\/|^@temporalio\/(workflow|common)$/.test(name))).toEqual(
    [],
  );
});

test('the domain knows: nothing but itself, and digests in one file', () => {
  expect(
    offending(
      'domain/',
      ({ to }, file) =>
        to.startsWith('domain/') || (to === 'node:crypto' && file === 'domain/dataset/digest.ts'),
    ),
  ).toEqual([]);
  const impure = /\b(Date\.now|new Date\(\)|Math\.random|process\.|console\.|setTimeout|fetch\()/;
  expect(files.filter((name) => name.startsWith('domain/') && impure.test(code(name)))).toEqual([]);
});

test('Activities act with what they are given: no client, no commands, no workflows', () => {
  expect(
    offending('activities/', ({ to, isOwn, isTypeOnly }) => {
      if (!isOwn) return true;
      return to.startsWith('activities/') || to.startsWith('domain/') || (isTypeOnly && to === 'logger.ts');
    }),
  ).toEqual([]);
});

test('each package has its own doors', () => {
  const doors: Record<string, RegExp> = {
    undici: /^activities\/sources\/http\/client\.ts$/,
    sharp: /^(activities\/png\/png\.ts|sample\/)/,
    pino: /^logger\.ts$/,
    '@temporalio/activity': /^activities\//,
    '@temporalio/workflow': /^workflows\//,
    '@temporalio/worker': /^worker\.ts$|^temporal\//,
    '@temporalio/testing': /^server\//,
  };
  const through = offending('', ({ to, isTypeOnly }, file) => isTypeOnly || (doors[to]?.test(file) ?? true));
  expect(through).toEqual([]);
});

test('the environment is read in one place, or passed on whole', () => {
  const readers = files.filter((name) => /process\.env\b/.test(code(name)));
  const passesOn =
    /env: (\{ \.\.\.)?process\.env\b|\.\.\.process\.env\b|\(process\.env\)|(=|\?\?|:) process\.env\b/;
  const others = readers.filter((name) => {
    if (name === 'config.ts') return false;
    const lines = code(name)
      .split('\n')
      .filter((line) => line.includes('process.env'));
    return lines.some((line) => !passesOn.test(line) || /process\.env[.[]/.test(line));
  });
  expect(others).toEqual([]);
});

test('only one place makes failures for Temporal, and nobody but Temporal retries', () => {
  const makers = files.filter(
    (name) => name.startsWith('activities/') && /ApplicationFailure\.\w+\(/.test(code(name)),
  );
  expect(makers).toEqual(['activities/failures.ts']);
});

test('no file imports itself over others', () => {
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      cycles.push([...path.slice(path.indexOf(name)), name].join(' -> '));
      return;
    }
    state.set(name, 'open');
    for (const { to, isOwn, isTypeOnly } of imports.get(name) ?? [])
      if (isOwn && !isTypeOnly) visit(to, [...path, name]);
    state.set(name, 'done');
  };
  for (const name of files) visit(name, []);
  expect(cycles).toEqual([]);
});

test('files stay small and are named for what they are', () => {
  const long = files.filter((name) => (texts.get(name) ?? '').split('\n').length > 400);
  expect(long).toEqual([]);
  expect(files.filter((name) => /(^|\/)(utils?|helpers?|lib|common|misc)(\/|\.ts$)/.test(name))).toEqual([]);
  expect(files.filter((name) => !/^[a-z0-9/-]+\.ts$/.test(name))).toEqual([]);
});

test('every relative import leads to a file', () => {
  const known = new Set(files);
  expect(offending('', ({ to, isOwn }) => !isOwn || known.has(to) || to === '../package.json')).toEqual([]);
});

/** Without comments, which may speak of anything. */
function code(name: string): string {
  return (texts.get(name) ?? '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

test('the built workflow bundle holds no built-in of Node and no package but the SDK`s', () => {
  const bundle = readFileSync(join(root, 'dist/workflow-bundle.js'), 'utf8');
  for (const type of ['buildDataset', 'processShard', 'fetchLargeFile']) expect(bundle).toContain(type);
  const modules = [...bundle.matchAll(/"(?:\.\/)?node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(
    ([, name]) => name,
  );
  expect(modules).toContain('@temporalio/workflow');
  const allowed = /^(@temporalio\/\w+|long|ms|nexus-rpc|protobufjs|@protobufjs\/\w+)$/;
  expect([...new Set(modules)].filter((name) => !allowed.test(name ?? ''))).toEqual([]);
  expect(bundle).not.toMatch(
    /\brequire\("(node:)?(fs|crypto|path|http|https|os|net|child_process|stream)(\/\w+)?"\)/,
  );
});
