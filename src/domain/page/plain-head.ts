import { type Html, html } from '../quoting/html.ts';

/**
 * The head of a page that asks nobody for anything and runs nothing: text, the style given, and where they are wanted
 * pictures that stand in the page itself.
 */
export function plainHead(page: {
  readonly title: Html;
  readonly style: Html;
  /** @default false */
  readonly hasPictures?: boolean;
}): Html {
  const { title, style, hasPictures = false } = page;
  const pictures = hasPictures ? html` img-src data:;` : html``;
  return html`<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';${pictures} style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
${style}</style></head>`;
}
