import ts from 'typescript';
import { expect, test } from 'vitest';
import { code, files, imports, syntax } from './import-graph.ts';

/**
 * What strangers wrote is quoted on its way out, in one place for each place that it may reach. These laws hold everybody
 * to those doors; a function that asks for `Markdown` is held to its own by the compiler.
 */

/** Where something for people or programs is made, and no file, socket or message is written. */
const speaks = /^(commands|config|client|doctor|process|runs|server|temporal|terminal|worker|workflows)\b/;

/** `file: text` of every node of a file that is wanted. */
function nodes(where: RegExp, isWanted: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  for (const [name, source] of syntax) {
    if (!where.test(name)) continue;
    const visit = (node: ts.Node): void => {
      if (isWanted(node)) found.push(`${name}: ${node.getText(source).slice(0, 60)}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function filesOf(found: readonly string[]): string[] {
  return [...new Set(found.map((one) => one.split(':', 1)[0] ?? ''))];
}

test('the terminal has one door: nothing else writes to a stream', () => {
  const writes = nodes(
    speaks,
    (node) => ts.isPropertyAccessExpression(node) && /^write(v)?$/.test(node.name.text),
  );
  expect(filesOf(writes)).toEqual(['terminal/door.ts']);
});

test('the streams of the process are opened in one place, and handed on', () => {
  const streams = nodes(
    /./,
    (node) =>
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText() === 'process' &&
      /^std(out|err)$/.test(node.name.text),
  );
  expect(filesOf(streams)).toEqual(['client.ts']);
});

test('nothing writes past the door: no console, no terminal of its own, no child that has ours', () => {
  const past = files.filter((name) =>
    /\bconsole\b|\/dev\/(tty|std|fd)|'inherit'|\bemitWarning\b|node:(tty|readline\/promises)/.test(
      code(name),
    ),
  );
  expect(past).toEqual([]);
});

test('the report has one door', () => {
  const importers = [...imports].filter(([, all]) =>
    all.some(({ to }) => to === 'activities/store/replaced-file.ts'),
  );
  // The index, and what a purge is at, are for programs of ours alone; documents are made by `domain/quoting`.
  expect(importers.map(([name]) => name)).toEqual([
    'activities/describe/document-file.ts',
    'activities/describe/record-index.ts',
    'activities/purge/purge-work.ts',
    'activities/report/report-files.ts',
  ]);
  const namers = nodes(
    /^activities\//,
    (node) => ts.isPropertyAccessExpression(node) && /^report(Text|Json)$/.test(node.name.text),
  );
  expect(filesOf(namers)).toEqual(['activities/report/report-files.ts']);
});

test("the UI's Markdown has one door: details and summaries are made where they are quoted", () => {
  const told = nodes(/./, (node) => {
    if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node))
      return /^(summary|static(Summary|Details))$/.test(node.name.getText());
    return ts.isIdentifier(node) && node.text === 'setCurrentDetails';
  });
  const ofTemporal = filesOf(told).filter((name) => /^(domain\/quoting|runs|workflows)\//.test(name));
  expect(ofTemporal).toEqual(['domain/quoting/markdown.ts', 'workflows/show.ts']);
  const claims = nodes(/./, (node) => ts.isAsExpression(node) && node.type.getText() === 'Markdown');
  expect(filesOf(claims)).toEqual(['domain/quoting/markdown.ts']);
});
