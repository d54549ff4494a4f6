import ts from 'typescript';
import { expect, test } from 'vitest';
import { fileKinds } from '../../src/domain/kinds.ts';
import { syntax } from './import-graph.ts';

/** What is particular to a kind stands in the tables; nobody else asks which kind he has before him. */
const tables = /^(domain\/kinds|activities\/plan\/surveyors)\.ts$/;

/** `file: question` to the reason why it is asked outside the tables; at most three. */
const permitted: Readonly<Record<string, string>> = {};

const kinds: readonly string[] = fileKinds;
const equalities = [
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
];

/** Comparisons with a kind's name: `=== 'align'`, `case 'align':`, `includes('align')`, `has('align')`. */
function questions(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const isKind = (node: ts.Node | undefined, asked: string) =>
    node !== undefined &&
    ts.isStringLiteral(node) &&
    kinds.includes(node.text) &&
    // `json` is a form of output too.
    (node.text !== 'json' || /kinds?$/i.test(asked));
  const visit = (node: ts.Node): void => {
    const text = () => node.getText(source).replace(/\s+/g, ' ');
    if (ts.isBinaryExpression(node) && equalities.includes(node.operatorToken.kind)) {
      const [left, right] = [node.left, node.right];
      if (isKind(left, right.getText(source)) || isKind(right, left.getText(source))) found.push(text());
    } else if (ts.isCaseClause(node)) {
      const asked = node.parent.parent.expression.getText(source);
      if (isKind(node.expression, asked))
        found.push(`switch (${asked}) case ${node.expression.getText(source)}`);
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name, expression } = node.expression;
      const asks = ['includes', 'has', 'indexOf'].includes(name.text);
      if (asks && isKind(node.arguments[0], expression.getText(source))) found.push(text());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('"Is it align?" and its like are asked in the tables of kinds, and three times elsewhere', () => {
  const asked = [...syntax]
    .filter(([file]) => !tables.test(file))
    .flatMap(([file, source]) => questions(source).map((question) => `${file}: ${question}`));
  expect(asked.sort()).toEqual(Object.keys(permitted).sort());
  expect(Object.keys(permitted).length).toBeLessThanOrEqual(3);
});
