import { beyondPrintable } from './hostile-text.ts';

/** What the UI puts in the place of a name, wherever it stands. */
const PLACEHOLDER = /\{(namespace|workflowId|runId)\}/;

/** Bold, lists of one level and plain words are what we write ourselves: throws where anything else is active in a Markdown text. */
export function expectOnlyOurs(text: string): void {
  const outside = outsideOfCode(text).replaceAll('**', '');
  const isOurs =
    !beyondPrintable.test(text) &&
    !PLACEHOLDER.test(text) &&
    !/[<>[\]!*_~\\&|#@{}]|:\/\/|www\./i.test(outside);
  if (!isOurs) throw new Error(`markdown: expected nothing active but our own, got ${JSON.stringify(text)}`);
}

/**
 * The text outside of code blocks and code spans, read as CommonMark reads it: a span ends at a run of backticks as long as
 * the one that it began with.
 */
function outsideOfCode(text: string): string {
  let block = '';
  const lines = text.split('\n').filter((line) => {
    const fence = /^`{3,}$/.exec(line)?.[0] ?? '';
    if (block === '') {
      block = fence;
      return fence === '';
    }
    if (fence.length >= block.length) block = '';
    return false;
  });
  if (block !== '') throw new Error(`markdown: expected the block to be closed, got ${JSON.stringify(text)}`);
  return lines.map(outsideOfSpans).join('\n');
}

function outsideOfSpans(line: string): string {
  let rest = line;
  let outside = '';
  for (;;) {
    const begin = /`+/.exec(rest);
    if (begin === null) return outside + rest;
    outside += `${rest.slice(0, begin.index)}«»`;
    rest = rest.slice(begin.index + begin[0].length);
    const end = [...rest.matchAll(/`+/g)].find((run) => run[0].length === begin[0].length);
    // Nothing closes it: the backticks would be text, and so would what follows.
    if (end === undefined)
      throw new Error(`markdown: expected the span to be closed, got ${JSON.stringify(line)}`);
    rest = rest.slice(end.index + end[0].length);
  }
}
