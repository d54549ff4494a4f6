import { parse } from 'parse5';
import { expect, test } from 'vitest';
import { policyOf } from '../../../src/domain/page/document.ts';
import { runPage } from '../../../src/domain/page/run-page.ts';
import { html } from '../../../src/domain/quoting/html.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { EVIL, factsWith } from './run-facts.ts';

interface Node {
  readonly nodeName: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly Node[];
}

/** Elements with the names of their attributes. */
function structureOf(node: Node): readonly string[] {
  const own =
    node.attrs === undefined ? [] : [[node.nodeName, ...node.attrs.map(({ name }) => name)].join(' ')];
  return [...own, ...(node.childNodes ?? []).flatMap(structureOf)];
}

function attributesOf(node: Node): readonly string[] {
  const own = (node.attrs ?? []).map(({ name, value }) => `${name}=${value}`);
  return [...own, ...(node.childNodes ?? []).flatMap(attributesOf)];
}

/** Pies are of letters drawn, as many as there are: what holds of them stands with the charts. */
const withoutPies = (page: string) => page.replace(/<ul class="pies">.*?<\/ul>/s, '');

test('whatever texts say, the page has the elements that we made, and every line of it is printable', () => {
  const page = runPage(factsWith(EVIL));
  const plain = runPage(factsWith('plain'));
  // The address of a licence that is no plain one is no link.
  const without = (structure: readonly string[]) =>
    structure.filter((one) => !/^(a href rel|bdi)$/.test(one));
  expect(without(structureOf(parse(withoutPies(page)) as Node))).toEqual(
    without(structureOf(parse(withoutPies(plain)) as Node)),
  );
  expect(page.replaceAll('\n', '')).not.toMatch(beyondPrintable);
  expect(page.length).toBeLessThan(120_000);
});

test('nothing in the page runs or asks for anything', () => {
  const page = runPage(factsWith('plain'));
  expect(
    structureOf(parse(page) as Node).filter((one) => /^(script|iframe|object|link|form)/.test(one)),
  ).toEqual([]);
  const attributes = attributesOf(parse(page) as Node);
  expect(attributes.filter((one) => /^(on|style)/.test(one))).toEqual([]);
  const leading = attributes.filter(
    (one) => /^(src|href|srcset|poster|data|action)=/.test(one) && !/^href=#pie\d-\w+$/.test(one),
  );
  expect(leading.filter((one) => !/^(src=data:image|href=https:\/\/example\.org\/)/.test(one))).toEqual([]);
  expect(policyOf()).toMatch(/^default-src 'none'; img-src data:;/);
  expect(policyOf()).not.toContain('script-src');
});

test('the live page runs one script, by its digest, and asks only where it came from', () => {
  const script = html`look()`;
  const page = runPage(factsWith(EVIL), { script });
  expect(structureOf(parse(page) as Node).filter((one) => one.startsWith('script'))).toEqual(['script']);
  expect(policyOf(script)).toMatch(/; script-src 'sha256-[\w+/=]+'; connect-src 'self'$/);
});

test('a run of which next to nothing is known has a page', () => {
  const page = runPage({
    ...{
      version: '1',
      madeAt: '2026-06-01T00:00:00.000Z',
      out: '/data',
      workflowId: 'w',
      status: 'no report yet',
    },
    ...{ kinds: {}, asked: {}, versions: [], timeline: [], faces: [] },
    failures: { count: 0, groups: [], first: [] },
  });
  expect(page).toContain('no report yet');
  expect(page).not.toContain('NaN');
  expect(page).not.toContain('undefined');
});
