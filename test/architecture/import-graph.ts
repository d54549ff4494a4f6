import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The project's own folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
const src = join(root, 'src');

export interface Import {
  /** Relative to src, for the project's own files; else the package or built-in. */
  readonly to: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
}

/** Every TypeScript file of src, relative to it. */
export const files: readonly string[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .sort();

/** The files as they are written. */
export const texts: ReadonlyMap<string, string> = new Map(
  files.map((name) => [name, readFileSync(join(src, name), 'utf8')]),
);

/** The files as TypeScript reads them. */
export const syntax: ReadonlyMap<string, ts.SourceFile> = new Map(
  [...texts].map(([name, text]) => [name, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)]),
);

/** What each file imports, re-exports and loads by `import()`, or takes types from. */
export const imports: ReadonlyMap<string, readonly Import[]> = new Map(
  [...syntax].map(([name, source]) => [name, importsOf(name, source)]),
);

/** Importers that name everything by their very purpose; their imports bind no folders together. */
const namesEverything = ['activities/index.ts', 'commands/program.ts'];

/** The folder of a file of src; a file at the top is a room of its own. */
function roomOf(file: string): string {
  return file.includes('/') ? dirname(file) : file;
}

/** Which rooms each room imports, as the files are today; types count. */
export function roomsToday(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>();
  for (const [file, all] of imports) {
    const here = roomOf(file);
    const seen = rooms.get(here) ?? new Set();
    rooms.set(here, seen);
    if (namesEverything.includes(file)) continue;
    for (const { to, isOwn } of all) {
      const there = roomOf(to);
      if (isOwn && !to.startsWith('..') && there !== here) seen.add(there);
    }
  }
  return rooms;
}

/** The source without comments, which may speak of anything. */
export function code(name: string): string {
  return (texts.get(name) ?? '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** `file -> import` of every import below `where` that is not permitted. */
export function offending(where: string, isPermitted: (to: Import, file: string) => boolean): string[] {
  return [...imports]
    .filter(([file]) => file.startsWith(where))
    .flatMap(([file, all]) =>
      all.filter((one) => !isPermitted(one, file)).map(({ to }) => `${file} -> ${to}`),
    );
}

/** Every way round in a graph that a walk meets, as `a -> b -> a`. */
export function cycles(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      found.push([...path.slice(path.indexOf(name)), name].join(' -> '));
      return;
    }
    state.set(name, 'open');
    for (const to of graph.get(name) ?? []) visit(to, [...path, name]);
    state.set(name, 'done');
  };
  for (const name of graph.keys()) visit(name, []);
  return found;
}

function importsOf(name: string, source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const isOwn = text.startsWith('.');
    const to = isOwn
      ? relative(src, resolve(src, dirname(name), text)).replaceAll('\\', '/')
      : packageOf(text);
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
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
