import { escaped, type Html, html, joinedHtml } from '../quoting/html.ts';
import { formatCount, formatPercent } from '../words/format.ts';

/** Characters of a text of others in a page: whoever wants more reads the file that it is from. */
const MOST_TEXT = 400;

/** Text on one line, at most as long as people read it. */
export function text(words: string, most = MOST_TEXT): Html {
  return escaped(words, most);
}

/** A path, an id, a digest. */
export function coded(words: string): Html {
  return html`<code>${text(words)}</code>`;
}

/** Empty where there is nothing to show. */
export function section(title: string, ...parts: readonly Html[]): Html {
  const inside = joinedHtml(parts);
  return inside === '' ? inside : html`<section><h2>${text(title)}</h2>${inside}</section>`;
}

export function paragraph(words: string): Html {
  return html`<p>${text(words, 2_000)}</p>`;
}

/** Names and what stands for them. */
export function facts(rows: readonly (readonly [name: string, value: Html])[]): Html {
  if (rows.length === 0) return html``;
  const all = rows.map(([name, value]) => html`<dt>${text(name)}</dt><dd>${value}</dd>`);
  return html`<dl>${joinedHtml(all)}</dl>`;
}

export interface Column {
  readonly title: string;
  /** `n`: figures, at the right; `t`: sentences, which want some width. */
  readonly form?: 'n' | 't';
}

/** May be wider than the screen: it moves in a box of its own. */
export function table(columns: readonly Column[], rows: readonly (readonly Html[])[]): Html {
  const heads = columns.map(
    ({ title, form }) => html`<th class="${escaped(form ?? 'x')}">${text(title)}</th>`,
  );
  const lines = rows.map((cells) => {
    const all = cells.map((cell, at) => html`<td class="${escaped(columns[at]?.form ?? 'x')}">${cell}</td>`);
    return html`<tr>${joinedHtml(all)}</tr>`;
  });
  const body = html`<thead><tr>${joinedHtml(heads)}</tr></thead><tbody>${joinedHtml(lines)}</tbody>`;
  return html`<div class="wide"><table>${body}</table></div>`;
}

/** Figures that come first. */
export function cards(all: readonly (readonly [figure: string, words: string])[]): Html {
  const items = all.map(([figure, words]) => html`<li><b>${text(figure, 40)}</b>${text(words, 120)}</li>`);
  return html`<ul class="cards">${joinedHtml(items)}</ul>`;
}

/** Shares of a whole as bars, the largest first; beyond `most` they are put together. */
export function bars(
  counts: readonly (readonly [name: string, count: number])[],
  {
    most = 12,
    told = formatCount,
  }: { readonly most?: number; readonly told?: (count: number) => string } = {},
): Html {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return html``;
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const rest = sorted.slice(most);
  const others = [
    `${formatCount(rest.length)} others`,
    rest.reduce((sum, [, count]) => sum + count, 0),
  ] as const;
  const shown = rest.length > 1 ? [...sorted.slice(0, most), others] : sorted;
  const items = shown.map(([name, count]) => {
    // So that the smallest share is seen.
    const width = Math.max(0.4, (100 * count) / total).toFixed(2);
    const bar = html`<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="k0" width="${Number(width)}" height="1"/></svg>`;
    const figures = html`<span class="n">${text(`${told(count)} (${formatPercent(count / total)})`)}</span>`;
    return html`<li><span>${text(name, 80)}</span>${bar}${figures}</li>`;
  });
  return html`<ul class="bars">${joinedHtml(items)}</ul>`;
}

/** Closed at first. */
export function folded(summary: string, inside: Html): Html {
  return html`<details><summary>${text(summary)}</summary>${inside}</details>`;
}
