import { type DefaultTreeAdapterMap, parse } from 'parse5';

/** Every element of a page, as browsers read it. */
export function elementsOf(page: string): readonly DefaultTreeAdapterMap['element'][] {
  const elements: DefaultTreeAdapterMap['element'][] = [];
  const walk = (node: DefaultTreeAdapterMap['node']): void => {
    if ('tagName' in node) elements.push(node);
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(parse(page));
  return elements;
}
